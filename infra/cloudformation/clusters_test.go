package cloudformation_test

import (
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/cloudformation/evaluate"
	"github.com/bbf-build/bbf/infra/schema"
)

const account = "123456789012"

// A cluster that the tests look at.
type cluster struct {
	config     schema.Config
	deployment cloudformation.Deployment
	ci         cloudformation.CI
}

// clusters are one with nothing but defaults, and one with everything set.
func clusters() map[string]cluster {
	all := map[string]cluster{
		"plain": {
			config: schema.Config{Cluster: "acme-builds", Backend: schema.BackendAWS, AWS: schema.AWS{Region: "eu-central-1", Bucket: "acme-builds"}},
			ci:     cloudformation.CI{Provider: cloudformation.GitHub, Project: "acme/engine"},
		},
		"full": {
			config: schema.Config{
				Cluster: "a-cluster-with-long-name",
				Backend: schema.BackendAWS,
				AWS: schema.AWS{
					Region: "us-gov-west-1", Bucket: "builds.acme.example",
					VPC:                schema.VPC{Existing: &schema.ExistingVPC{ID: "vpc-0123456789abcdef0", Subnets: []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"}}},
					Stacks:             schema.Stacks{Infra: "BuildsBase", Manager: "BuildsManager", Server: "BuildsServer", Workers: "BuildsWorkers"},
					ECSCluster:         "builds_ecs",
					LogGroup:           "/acme/builds",
					LogRetention:       365,
					Function:           "builds_manager",
					Architecture:       "x86_64",
					PermissionBoundary: "arn:aws-us-gov:iam::123456789012:policy/teams/boundary",
					Tags:               map[string]string{"team": "tools", cloudformation.TagCluster: "somebody else's"},
				},
				Images: schema.Images{
					Server: "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/tools/server@sha256:0000",
					Worker: "210987654321.dkr.ecr.us-gov-east-1.amazonaws.com/tools/worker:3",
					Redis:  "redis:7",
				},
				Server:  schema.Server{CPU: 0.5, Memory: 2048},
				Workers: schema.Workers{CPU: 16, Memory: 65536, Disk: 20, Max: 500, Spot: true, TaskPolicy: "arn:aws-us-gov:iam::123456789012:policy/test-data"},
			},
			deployment: cloudformation.Deployment{
				ServerDesired: 1, WorkersDesired: 40, LogGroupExists: true,
				Commands: map[string][]string{"server": {"/run", "--now"}, "redis": {"redis-server"}, "worker": {"/run"}, "gateway": {"/gateway"},
					"health": {"CMD-SHELL", "true"}},
			},
			ci: cloudformation.CI{Provider: cloudformation.GitLab, Host: "gitlab.acme.example", Project: "tools/builds/*", ProviderExists: true},
		},
	}
	for name, c := range all {
		schema.Defaults(&c.config)
		c.deployment.AccountID = account
		c.deployment.CodeKey = "bbf/" + c.config.Cluster + "/manager/7d0a8468ed220400c0b8e6f335baa7e070ce880a37e2ac5995b9a97b809026de.zip"
		c.deployment.ConfigDigest = "sha256:d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"
		all[name] = c
	}
	return all
}

// stacks are all that can be made for the cluster, CI's too.
func (c cluster) stacks(t *testing.T) []cloudformation.Stack {
	t.Helper()
	ci, err := c.ci.Stack(&c.config)
	if err != nil {
		t.Fatal(err)
	}
	return append(cloudformation.Stacks(&c.config, c.deployment), ci)
}

func (c cluster) environment(stack cloudformation.Stack) evaluate.Environment {
	region := c.config.AWS.Region
	return evaluate.Environment{AccountID: account, Region: region, Partition: cloudformation.Partition(region), StackName: stack.Name}
}

// resources of a stack, as its template makes them.
func (c cluster) resources(t *testing.T, stack cloudformation.Stack) map[string]evaluate.Resource {
	t.Helper()
	template, err := evaluate.Parse(stack.Template)
	if err != nil {
		t.Fatalf("%s: %v", stack.Kind, err)
	}
	resources, err := template.Evaluate(stack.Parameters, c.environment(stack))
	if err != nil {
		t.Fatalf("%s: %v", stack.Kind, err)
	}
	return resources
}
