package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/cloudformation/evaluate"
)

// The templates refuse on their own what makes no sense, also from somebody who uses them without bbf.
func TestBadParametersAreRefused(t *testing.T) {
	tests := []struct {
		name       string
		kind       cloudformation.Kind
		parameters map[string]string
		want       string
	}{
		{"WhenTheClusterHasAName_", cloudformation.KindInfra, map[string]string{"Cluster": "my_cluster"}, `Cluster may not be "my_cluster"`},
		{"WhenTheClusterNameIsLong", cloudformation.KindServer, map[string]string{"Cluster": strings.Repeat("a", 25)}, "Cluster may not be"},
		{"WhenTheExistingVPCHasNoName", cloudformation.KindInfra, map[string]string{"Network": "existing"}, "doesn't say which"},
		{"WhenTheNewVPCHasAName", cloudformation.KindInfra, map[string]string{"VpcId": "vpc-0123456789abcdef0"}, "is of an existing VPC"},
		{"WhenTheVPCIsTooSmall", cloudformation.KindInfra, map[string]string{"VpcCidr": "10.0.0.0/27"}, "VpcCidr may not be"},
		{"WhenThereIsOneZone", cloudformation.KindInfra, map[string]string{"Zones": "1"}, "Zones may not be"},
		{"WhenThereIsOneSubnet", cloudformation.KindWorkers, map[string]string{"Subnets": "subnet-0123456789abcdef0"}, "Subnets may not be"},
		{"WhenTheRetentionIsNotOffered", cloudformation.KindManager, map[string]string{"LogRetention": "31"}, "LogRetention may not be"},
		{"WhenTheSizeIsNotOffered", cloudformation.KindWorkers, map[string]string{"Cpu": "3072"}, "Cpu may not be"},
		{"WhenThereAreTwoServers", cloudformation.KindServer, map[string]string{"DesiredCount": "2"}, "DesiredCount may not be"},
		{"WhenThereIsNoImage", cloudformation.KindServer, map[string]string{"RedisImage": ""}, "RedisImage may not be"},
		{"WhenTheBoundaryIsNoARN", cloudformation.KindManager, map[string]string{"PermissionBoundary": "boundary"}, "PermissionBoundary may not be"},
		{"WhenCodeComesFromElsewhere", cloudformation.KindManager, map[string]string{"CodeKey": "elsewhere.zip"}, "CodeKey may not be"},
		{"WhenCIIsOpenToEverybody", cloudformation.KindCI, map[string]string{"Subjects": "repo:*/engine:*"}, "Subjects may not be"},
		{"WhenOneOfTheSubjectsIsOpen", cloudformation.KindCI, map[string]string{"Subjects": "repo:acme/engine:*,*"}, "Subjects may not be"},
		{"WhenTheIssuerIsNotTheProviders", cloudformation.KindCI, map[string]string{"Issuer": "example.com"}, "isn't the one of Provider"},
	}
	c := clusters()["plain"]
	stacks := map[cloudformation.Kind]cloudformation.Stack{}
	for _, stack := range c.stacks(t) {
		stacks[stack.Kind] = stack
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stack := stacks[test.kind]
			parameters := map[string]string{}
			for name, value := range stack.Parameters {
				parameters[name] = value
			}
			for name, value := range test.parameters {
				parameters[name] = value
			}
			template, err := evaluate.Parse(stack.Template)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := template.Evaluate(parameters, c.environment(stack)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, and says nothing of %q", err, test.want)
			}
		})
	}
}
