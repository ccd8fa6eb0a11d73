package stacks_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

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
	t.Run("WhenSomebodyElseWasFaster", func(t *testing.T) {
		for _, obsolete := range []error{&types.ChangeSetNotFoundException{}, &types.InvalidChangeSetStatusException{}} {
			if err := apply(t.Context(), &fake{status: "CREATE_COMPLETE", obsolete: obsolete}); err == nil || !strings.Contains(err.Error(), "somebody else has changed stack acme meanwhile") {
				t.Errorf("%v", err)
			}
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
