package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/bbf-build/bbf/tools/cluster"
)

func TestSettle(t *testing.T) {
	for name, test := range map[string]struct {
		fake  fake
		calls []string
		fails string // part of the error
	}{
		"NoStack":                   {},
		"Complete":                  {fake: fake{status: "CREATE_COMPLETE"}},
		"LeftoverOfAFirstChangeSet": {fake: fake{status: "REVIEW_IN_PROGRESS"}},
		"UpdateRolledBack":          {fake: fake{status: "UPDATE_ROLLBACK_COMPLETE"}},
		"SomebodyChangesIt":         {fake: fake{looks: []types.StackStatus{"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}, status: "UPDATE_COMPLETE"}, calls: []string{"look", "look"}},
		"SomebodyDeletesIt":         {fake: fake{looks: []types.StackStatus{"DELETE_IN_PROGRESS"}}, calls: []string{"look"}},
		"CreationFailed":            {fake: fake{status: "ROLLBACK_COMPLETE"}},
		"RollbackOfAnUpdateFailed":  {fake: fake{status: "UPDATE_ROLLBACK_FAILED", outcomes: []types.StackStatus{"UPDATE_ROLLBACK_COMPLETE"}}, calls: []string{"continue"}},
		"RollbackThatSomebodyContinues": {fake: fake{looks: []types.StackStatus{"UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS"}, status: "UPDATE_ROLLBACK_COMPLETE",
			outcomes: []types.StackStatus{"UPDATE_ROLLBACK_COMPLETE"}}, calls: []string{"look", "continue", "look"}},
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
