package stacks_test

import (
	"slices"
	"testing"
	"time"

	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

const template = `
Parameters:
  Retention: {Type: Number}
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Ref AWS::StackName, RetentionInDays: !Ref Retention}
  Role:
    Type: AWS::IAM::Role
    DependsOn: Logs
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
Outputs:
  Group: {Value: !Ref Logs}
`

// cloud is the stand-in and what was told while something was done in it.
type cloud struct {
	*stacks.Client
	*standin.Cloud
	events []progress.Event
}

func (c *cloud) start(t *testing.T) {
	c.Cloud = standin.Start(t, standin.Options{})
	c.Client = &stacks.Client{API: cfn.NewFromConfig(c.Config(c.Root())), Poll: 50 * time.Millisecond, Progress: func(e progress.Event) { c.events = append(c.events, e) }}
}

func (c *cloud) saw(name, state string) bool {
	return slices.ContainsFunc(c.events, func(e progress.Event) bool { return e.Name == name && e.State == state })
}

func (c *cloud) deploy(t *testing.T, s stacks.Stack) (*stacks.Plan, stacks.State, error) {
	t.Helper()
	p, err := c.Plan(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	state, err := c.Apply(t.Context(), s, p)
	return p, state, err
}

func stack(name string) stacks.Stack {
	return stacks.Stack{Name: name, Template: template, Parameters: map[string]string{"Retention": "7"}, Capabilities: []string{"CAPABILITY_IAM"},
		Tags: map[string]string{"bbf:cluster": "acme"}, Protected: true}
}

func TestWithTheStandIn(t *testing.T) {
	var c cloud
	c.start(t)
	t.Run("LifeOfAStack", c.lifeOfAStack)
	t.Run("CreationThatFails", c.creationThatFails)
	t.Run("DiscardedPlanLeavesNothing", c.discardedPlanLeavesNothing)
	t.Run("InterruptedFirstChangeSet", c.interruptedFirstChangeSet)
	t.Run("DeletionThatFailsOnce", c.deletionThatFailsOnce)
	t.Run("DeletionThatFailsForGood", c.deletionThatFailsForGood)
	t.Run("UpdateThatFails", c.updateThatFails)
	t.Run("Drift", c.drift)
}

func (c *cloud) lifeOfAStack(t *testing.T) {
	s := stack("life")

	p, state, err := c.deploy(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if p.Action != stacks.ActionCreate || len(p.Changes) != 2 || p.Changes[0].Action != "add" {
		t.Errorf("the plan of a new stack: %+v", p)
	}
	if state.Outputs["Group"] != "life" || state.Parameters["Retention"] != "7" {
		t.Errorf("the new stack: %+v", state)
	}
	if !c.saw("life/Logs", "CREATE_COMPLETE") || !c.saw("life", "CREATE_COMPLETE") {
		t.Errorf("told: %v", c.events)
	}
	if state, _ := c.Look(t.Context(), s.Name); !state.Protected {
		t.Error("the stack isn't protected from deletion")
	}

	p, state, err = c.deploy(t, s)
	if err != nil || p.Action != stacks.ActionNone || state.Outputs["Group"] != "life" {
		t.Errorf("the same again: %+v, %+v, %v", p, state, err)
	}

	s.Parameters["Retention"] = "14"
	p, state, err = c.deploy(t, s)
	if err != nil || p.Action != stacks.ActionUpdate || len(p.Changes) != 1 || p.Changes[0].Resource != "Logs" || state.Parameters["Retention"] != "14" {
		t.Errorf("an update: %+v, %+v, %v", p, state, err)
	}

	kept, err := c.Delete(t.Context(), s.Name)
	if err != nil || len(kept) > 0 {
		t.Fatal(kept, err)
	}
	if state, err := c.Look(t.Context(), s.Name); err != nil || state.Exists() {
		t.Errorf("after Delete: %+v, %v", state, err)
	}
	if _, err := c.Delete(t.Context(), s.Name); err != nil {
		t.Errorf("deleting what isn't there: %v", err)
	}
}

func (c *cloud) discardedPlanLeavesNothing(t *testing.T) {
	p, err := c.Plan(t.Context(), stack("unwanted"))
	if err != nil {
		t.Fatal(err)
	}
	c.Discard(t.Context(), p)
	if state, err := c.Look(t.Context(), "unwanted"); err != nil || state.ID != "" {
		t.Errorf("%+v, %v", state, err)
	}
}

func (c *cloud) interruptedFirstChangeSet(t *testing.T) {
	s := stack("interrupted")
	if _, err := c.Plan(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if _, state, err := c.deploy(t, s); err != nil || state.Status != "CREATE_COMPLETE" {
		t.Errorf("%+v, %v", state, err)
	}
}
