package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

func TestDeleteGivesUpWhatCannotBeDeleted(t *testing.T) {
	f := &fake{status: "CREATE_COMPLETE", reason: `Resource handler returned message: "in use (Service: Ec2, Status Code: 400, Request ID: 1)" (RequestToken: 2, HandlerErrorCode: X)`,
		outcomes: []types.StackStatus{"DELETE_FAILED", "DELETE_FAILED", "DELETE_COMPLETE"}}
	kept, err := f.client().Delete(t.Context(), "acme")
	if err != nil || len(kept) != 1 || kept[0] != (stacks.Failure{Resource: "Subnet", Type: "AWS::EC2::Subnet", Reason: "in use"}) {
		t.Errorf("%+v, %v", kept, err)
	}
	if want := []string{"delete[]", "delete[]", "delete[Subnet]"}; !slices.Equal(f.calls, want) {
		t.Errorf("called %q, want %q", f.calls, want)
	}
}

// What is left of a failed stack is told of by the plan and stays until the plan is applied.
func TestLeftovers(t *testing.T) {
	for name, test := range map[string]struct {
		status   types.StackStatus
		outcomes []types.StackStatus
		calls    []string
	}{
		"CreationFailed":              {"CREATE_FAILED", []types.StackStatus{"DELETE_COMPLETE", "CREATE_COMPLETE"}, []string{"delete[]", "CREATE", "execute"}},
		"CreationRolledBack":          {"ROLLBACK_COMPLETE", []types.StackStatus{"DELETE_COMPLETE", "CREATE_COMPLETE"}, []string{"delete[]", "CREATE", "execute"}},
		"RollbackOfTheCreationFailed": {"ROLLBACK_FAILED", []types.StackStatus{"DELETE_FAILED", "DELETE_COMPLETE", "CREATE_COMPLETE"}, []string{"delete[]", "delete[]", "CREATE", "execute"}},
		"DeletionFailed":              {"DELETE_FAILED", []types.StackStatus{"DELETE_COMPLETE", "CREATE_COMPLETE"}, []string{"delete[]", "CREATE", "execute"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{status: test.status, outcomes: test.outcomes}
			s := stack("acme")
			p, err := f.client().Plan(t.Context(), s)
			if err != nil || p.Action != stacks.ActionCreate || p.Removes != string(test.status) || len(p.Changes) != 2 {
				t.Errorf("the plan: %+v, %v", p, err)
			}
			f.client().Discard(t.Context(), p)
			if len(f.calls) > 0 {
				t.Errorf("before it was applied, the plan has called %q", f.calls)
			}
			state, err := f.client().Apply(t.Context(), s, p)
			if err != nil || state.Status != types.StackStatusCreateComplete || !slices.Equal(f.calls, test.calls) {
				t.Errorf("applied: %+v, %v, called %q, want %q", state, err, f.calls, test.calls)
			}
		})
	}
	t.Run("ThatCannotBeDeleted", func(t *testing.T) {
		f := &fake{status: "DELETE_FAILED", reason: "the subnet has dependencies", outcomes: []types.StackStatus{"DELETE_FAILED", "DELETE_FAILED"}}
		p, err := f.client().Plan(t.Context(), stack("acme"))
		if err != nil {
			t.Fatal(err)
		}
		err = f.client().Clear(t.Context(), p)
		if err == nil || !strings.Contains(err.Error(), "deleting: stack acme: Subnet (AWS::EC2::Subnet): the subnet has dependencies") || cluster.Next(err) == "" {
			t.Errorf("%v; next: %s", err, cluster.Next(err))
		}
	})
}
