package stacks_test

import (
	"slices"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

func TestOutline(t *testing.T) {
	p, err := stacks.Outline(stack("new"))
	if err != nil {
		t.Fatal(err)
	}
	want := []stacks.Change{{Action: "add", Resource: "Logs", Type: "AWS::Logs::LogGroup"}, {Action: "add", Resource: "Role", Type: "AWS::IAM::Role"}}
	if !slices.EqualFunc(p.Changes, want, func(a, b stacks.Change) bool {
		return a.Resource == b.Resource && a.Type == b.Type && a.Action == b.Action
	}) {
		t.Errorf("%+v", p.Changes)
	}
}
