package stacks_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

func TestSettle(t *testing.T) {
	for name, test := range map[string]struct {
		fake  fake
		calls []string
		fails string // part of the error
	}{
		"NoStack":                     {},
		"Complete":                    {fake: fake{status: "CREATE_COMPLETE"}},
		"LeftoverOfAFirstChangeSet":   {fake: fake{status: "REVIEW_IN_PROGRESS"}},
		"UpdateRolledBack":            {fake: fake{status: "UPDATE_ROLLBACK_COMPLETE"}},
		"SomebodyChangesIt":           {fake: fake{looks: []types.StackStatus{"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}, status: "UPDATE_COMPLETE"}, calls: []string{"look", "look"}},
		"SomebodyDeletesIt":           {fake: fake{looks: []types.StackStatus{"DELETE_IN_PROGRESS"}}, calls: []string{"look"}},
		"CreationFailed":              {fake: fake{status: "ROLLBACK_COMPLETE", outcomes: []types.StackStatus{"DELETE_COMPLETE"}}, calls: []string{"delete[]"}},
		"RollbackOfTheCreationFailed": {fake: fake{status: "ROLLBACK_FAILED", outcomes: []types.StackStatus{"DELETE_FAILED", "DELETE_COMPLETE"}}, calls: []string{"delete[]", "delete[]"}},
		"DeletionFailed":              {fake: fake{status: "DELETE_FAILED", outcomes: []types.StackStatus{"DELETE_COMPLETE"}}, calls: []string{"delete[]"}},
		"DeletionFailsForGood": {fake: fake{status: "DELETE_FAILED", reason: "the subnet has dependencies", outcomes: []types.StackStatus{"DELETE_FAILED", "DELETE_FAILED"}},
			calls: []string{"delete[]", "delete[]"}, fails: "deleting: stack acme: Subnet (AWS::EC2::Subnet): the subnet has dependencies"},
		"RollbackOfAnUpdateFailed": {fake: fake{status: "UPDATE_ROLLBACK_FAILED", outcomes: []types.StackStatus{"UPDATE_ROLLBACK_COMPLETE"}}, calls: []string{"continue"}},
		"RollbackOfAnUpdateFailsForGood": {fake: fake{status: "UPDATE_ROLLBACK_FAILED", outcomes: []types.StackStatus{"UPDATE_ROLLBACK_FAILED"}},
			calls: []string{"continue"}, fails: "can't go back to how it was"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &test.fake
			_, err := f.client().Settle(t.Context(), "acme")
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails) || cluster.Next(err) == "") {
				t.Errorf("%v; next: %q", err, cluster.Next(err))
			}
			if !slices.Equal(f.calls, test.calls) {
				t.Errorf("called %q, want %q", f.calls, test.calls)
			}
		})
	}
}

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

func TestPlan(t *testing.T) {
	s := stacks.Stack{Name: "acme"}
	t.Run("WhenNothingChanges", func(t *testing.T) {
		f := &fake{status: "UPDATE_COMPLETE", changes: "The submitted information didn't contain changes. Submit different information to create a change set."}
		p, err := f.client().Plan(t.Context(), s)
		if err != nil || p.Action != stacks.ActionNone || !slices.Equal(f.calls, []string{"UPDATE", "discard"}) {
			t.Errorf("%+v, %v, called %q", p, err, f.calls)
		}
	})
	t.Run("WhenTheFirstChangeSetFails", func(t *testing.T) {
		f := &fake{looks: []types.StackStatus{""}, status: "REVIEW_IN_PROGRESS", changes: "No export named infra-Vpc found", outcomes: []types.StackStatus{"DELETE_COMPLETE"}}
		_, err := f.client().Plan(t.Context(), s)
		if !errors.Is(err, stacks.ErrMissingExport) || !strings.Contains(err.Error(), "No export named infra-Vpc found") || !slices.Equal(f.calls, []string{"look", "CREATE", "discard", "delete[]"}) {
			t.Errorf("%v, called %q", err, f.calls)
		}
	})
}

func TestApply(t *testing.T) {
	s := stacks.Stack{Name: "acme"}
	apply := func(ctx context.Context, f *fake) error {
		p, err := f.client().Plan(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.client().Apply(ctx, s, p)
		return err
	}
	t.Run("WhenItIsRolledBack", func(t *testing.T) {
		err := apply(t.Context(), &fake{status: "CREATE_COMPLETE", reason: "no more subnets", outcomes: []types.StackStatus{"UPDATE_ROLLBACK_COMPLETE"}})
		var failed *stacks.Error
		if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Reason != "no more subnets" {
			t.Errorf("%v", err)
		}
	})
	t.Run("WhenInterrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := apply(ctx, &fake{status: "CREATE_COMPLETE", outcomes: []types.StackStatus{"UPDATE_IN_PROGRESS"}})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "CloudFormation goes on with stack acme") {
			t.Errorf("%v", err)
		}
	})
}
