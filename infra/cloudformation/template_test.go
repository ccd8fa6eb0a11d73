package cloudformation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/cloudformation/evaluate"
)

// eachResource runs a test on every resource of every stack of every cluster.
func eachResource(t *testing.T, test func(t *testing.T, c cluster, stack cloudformation.Stack, id string, r evaluate.Resource)) {
	for name, c := range clusters() {
		for _, stack := range c.stacks(t) {
			for id, r := range c.resources(t, stack) {
				t.Run(fmt.Sprintf("%s/%s/%s", name, stack.Kind, id), func(t *testing.T) { test(t, c, stack, id, r) })
			}
		}
	}
}

// These types have no tags, says their schema ("taggable": false).
var untaggable = []string{"AWS::EC2::Route", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SubnetRouteTableAssociation",
	"AWS::EC2::VPCGatewayAttachment", "AWS::Lambda::Permission", "AWS::Lambda::Url"}

func TestEveryResourceThatCanBeTaggedIs(t *testing.T) {
	eachResource(t, func(t *testing.T, c cluster, _ cloudformation.Stack, _ string, r evaluate.Resource) {
		if slices.Contains(untaggable, r.Type) {
			return
		}
		tags, _ := r.Properties["Tags"].([]any)
		want := map[string]any{"Key": cloudformation.TagCluster, "Value": c.config.Cluster}
		if !slices.ContainsFunc(tags, func(tag any) bool { return fmt.Sprint(tag) == fmt.Sprint(want) }) {
			t.Errorf("%s has the tags %v, and not %v", r.Type, tags, want)
		}
	})
}

// All types that cost nothing while no task runs and no request comes in, but for what is stored. NAT gateways, load balancers, hosted zones
// and caches have a price by the hour.
var free = []string{
	"AWS::EC2::InternetGateway", "AWS::EC2::Route", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress",
	"AWS::EC2::Subnet", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPC", "AWS::EC2::VPCGatewayAttachment",
	"AWS::ECR::Repository", "AWS::ECS::Cluster", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::Events::Rule",
	"AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Url", "AWS::Logs::LogGroup"}

func TestNothingHasAFixedPrice(t *testing.T) {
	eachResource(t, func(t *testing.T, _ cluster, _ cloudformation.Stack, _ string, r evaluate.Resource) {
		if !slices.Contains(free, r.Type) {
			t.Errorf("%s may have a price by the hour", r.Type)
		}
	})
}

func TestLogGroups(t *testing.T) {
	found := map[cloudformation.Kind]string{}
	eachResource(t, func(t *testing.T, c cluster, stack cloudformation.Stack, _ string, r evaluate.Resource) {
		if r.Type != "AWS::Logs::LogGroup" {
			return
		}
		found[stack.Kind] = r.DeletionPolicy
		if got, want := fmt.Sprint(r.Properties["RetentionInDays"]), fmt.Sprint(c.config.AWS.LogRetention); got != want {
			t.Errorf("it keeps logs for %s days instead of %s", got, want)
		}
	})
	want := map[cloudformation.Kind]string{cloudformation.KindInfra: "Retain", cloudformation.KindManager: "Delete"}
	if fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("log groups and what becomes of them: %v, not %v", found, want)
	}
}

func TestEveryRoleIsWithinTheBoundary(t *testing.T) {
	eachResource(t, func(t *testing.T, c cluster, _ cloudformation.Stack, _ string, r evaluate.Resource) {
		if r.Type != "AWS::IAM::Role" {
			return
		}
		got, set := r.Properties["PermissionsBoundary"]
		if want := c.config.AWS.PermissionBoundary; set != (want != "") || set && got != want {
			t.Errorf("its boundary is %v, not %q", got, want)
		}
		if name := r.Properties["RoleName"].(string); len(name) > 64 || strings.Contains(name, "$") {
			t.Errorf("%s is no name for a role", name)
		}
	})
}

// The names of what others hold on to must follow from nothing that a setup may change: else CloudFormation would make it anew.
func TestNothingReplacesWhatOthersHoldOnTo(t *testing.T) {
	// The properties that CloudFormation can't change in place, by the types' schemas.
	fixed := map[string][]string{"AWS::ECS::Cluster": {"ClusterName"}, "AWS::IAM::Role": {"RoleName", "Path"}, "AWS::Logs::LogGroup": {"LogGroupName"},
		"AWS::ECS::Service": {"ServiceName", "Cluster", "LaunchType"}, "AWS::ECR::Repository": {"RepositoryName", "EncryptionConfiguration"}}
	before := clusters()["plain"]
	after := clusters()["full"]
	after.config.Cluster, after.config.AWS.Region = before.config.Cluster, before.config.AWS.Region
	after.config.AWS.ECSCluster, after.config.AWS.LogGroup, after.config.AWS.Function = before.config.AWS.ECSCluster, before.config.AWS.LogGroup, before.config.AWS.Function
	after.config.AWS.Stacks = before.config.AWS.Stacks
	after.deployment.CodeKey = strings.Replace(before.deployment.CodeKey, "7", "8", 1)
	after.deployment.LogGroupExists = false
	changed := cloudformation.Stacks(&after.config, after.deployment)
	for i, stack := range cloudformation.Stacks(&before.config, before.deployment) {
		now := after.resources(t, changed[i])
		for id, r := range before.resources(t, stack) {
			for _, property := range fixed[r.Type] {
				if was, is := fmt.Sprint(r.Properties[property]), fmt.Sprint(now[id].Properties[property]); was != is {
					t.Errorf("%s.%s.%s: %s becomes %s", stack.Kind, id, property, was, is)
				}
			}
		}
	}
}
