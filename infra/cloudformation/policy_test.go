package cloudformation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/cloudformation/evaluate"
)

type statement struct {
	Sid, Effect      string
	Action, Resource any // a string or a list of them
	Condition        map[string]map[string]any
}

// list is a string or a list of strings as a list.
func list(v any) []string {
	if items, ok := v.([]any); ok {
		var all []string
		for _, item := range items {
			all = append(all, item.(string))
		}
		return all
	}
	return []string{v.(string)}
}

func statements(t *testing.T, document any) []statement {
	t.Helper()
	data, ok := document.([]byte)
	if !ok {
		var err error
		if data, err = json.Marshal(document); err != nil {
			t.Fatal(err)
		}
	}
	var d struct{ Statement []statement }
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d.Statement
}

// eachStatement runs a test on every statement that allows something, of people's policies and of roles.
func eachStatement(t *testing.T, test func(t *testing.T, c cluster, s statement)) {
	for name, c := range clusters() {
		for _, kind := range cloudformation.PolicyKinds {
			for _, s := range statements(t, cloudformation.Policy(kind, &c.config, account)) {
				t.Run(fmt.Sprintf("%s/%s/%s", name, kind, s.Sid), func(t *testing.T) { test(t, c, s) })
			}
		}
	}
	eachResource(t, func(t *testing.T, c cluster, _ cloudformation.Stack, _ string, r evaluate.Resource) {
		if r.Type != "AWS::IAM::Role" {
			return
		}
		for _, p := range r.Properties["Policies"].([]any) {
			for _, s := range statements(t, p.(map[string]any)["PolicyDocument"]) {
				t.Run(s.Sid, func(t *testing.T) { test(t, c, s) })
			}
		}
	})
}

func TestNoActionIsAPattern(t *testing.T) {
	eachStatement(t, func(t *testing.T, _ cluster, s statement) {
		for _, action := range list(s.Action) {
			if strings.Contains(action, "*") {
				t.Errorf("it allows %s", action)
			}
		}
	})
}

// IAM has no resources for these actions.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var withoutResources = []string{
	"cloudformation:BatchDescribeTypeConfigurations", "cloudformation:DescribeStackDriftDetectionStatus", "ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "logs:DescribeLogGroups"}

func TestEveryResourceIsNamedWhereIAMCanTellThem(t *testing.T) {
	eachStatement(t, func(t *testing.T, c cluster, s statement) {
		for _, resource := range list(s.Resource) {
			if resource != "*" {
				if !strings.HasPrefix(resource, "arn:"+cloudformation.Partition(c.config.AWS.Region)+":") || strings.Contains(resource, "$") {
					t.Errorf("%s is no ARN of the partition", resource)
				}
				continue
			}
			for _, action := range list(s.Action) {
				if !slices.Contains(withoutResources, action) && !strings.HasPrefix(action, "ec2:Describe") {
					t.Errorf("it allows %s on everything", action)
				}
			}
		}
	})
}

func TestPassRoleSaysToWhom(t *testing.T) {
	n := 0
	eachStatement(t, func(t *testing.T, _ cluster, s statement) {
		if !slices.Contains(list(s.Action), "iam:PassRole") {
			return
		}
		n++
		service := fmt.Sprint(s.Condition["StringEquals"]["iam:PassedToService"])
		if service != "ecs-tasks.amazonaws.com" && service != "lambda.amazonaws.com" {
			t.Errorf("it hands %v to %s", s.Resource, service)
		}
		for _, role := range list(s.Resource) {
			if strings.Contains(role, "*") {
				t.Errorf("it hands over every role like %s", role)
			}
		}
	})
	if n == 0 {
		t.Error("no statement is about iam:PassRole")
	}
}

// What CloudFormation does in the operator's name the operator can't do without it.
func TestStacksPolicyIsForCloudFormationOnly(t *testing.T) {
	for _, c := range clusters() {
		for _, s := range append(statements(t, cloudformation.Policy(cloudformation.PolicyStacks, &c.config, account)),
			statements(t, cloudformation.Policy(cloudformation.PolicyNetwork, &c.config, account))...) {
			through := s.Condition["ForAnyValue:StringEquals"]["aws:CalledVia"] == "cloudformation.amazonaws.com"
			if !through && s.Sid != "EcsRoleOfAccount" {
				t.Errorf("%s: it allows %v to whoever has the policy", s.Sid, s.Action)
			}
		}
	}
}

func TestRolesAreMadeWithinTheBoundary(t *testing.T) {
	c := clusters()["full"]
	for _, s := range statements(t, cloudformation.Policy(cloudformation.PolicyStacks, &c.config, account)) {
		if slices.Contains(list(s.Action), "iam:CreateRole") && s.Condition["ArnEquals"]["iam:PermissionsBoundary"] != c.config.AWS.PermissionBoundary {
			t.Errorf("%s: it makes roles without the boundary: %v", s.Sid, s.Condition)
		}
	}
}

// IAM takes no managed policy with more characters, not counting white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestPoliciesAreSmallEnough(t *testing.T) {
	for name, c := range clusters() {
		for _, kind := range cloudformation.PolicyKinds {
			policy := string(cloudformation.Policy(kind, &c.config, account))
			if n := len(strings.Join(strings.Fields(policy), "")); n > 6144 {
				t.Errorf("%s of %s has %d characters", kind, name, n)
			}
		}
	}
}

func TestOperatorPolicyIsAllThree(t *testing.T) {
	c := clusters()["plain"]
	n := 0
	for _, kind := range []cloudformation.PolicyKind{cloudformation.PolicyOperator, cloudformation.PolicyStacks, cloudformation.PolicyNetwork} {
		n += len(statements(t, cloudformation.Policy(kind, &c.config, account)))
	}
	if got := len(statements(t, cloudformation.OperatorPolicy(&c.config, account))); got != n {
		t.Errorf("it has %d statements of %d", got, n)
	}
}

// Jobs get what people get, and no more.
func TestCIMayDoWhatABuilderMay(t *testing.T) {
	for name, c := range clusters() {
		stacks := c.stacks(t)
		role := c.resources(t, stacks[len(stacks)-1])["Role"].Properties["Policies"].([]any)[0].(map[string]any)["PolicyDocument"]
		got, _ := json.Marshal(statements(t, role))
		want, _ := json.Marshal(statements(t, cloudformation.Policy(cloudformation.PolicyBuilder, &c.config, account)))
		if string(got) != string(want) {
			t.Errorf("%s: jobs may\n%s\nand builders\n%s", name, got, want)
		}
	}
}
