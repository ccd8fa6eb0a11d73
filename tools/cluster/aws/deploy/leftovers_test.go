package deploy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// What is left of stacks that failed is told of, and is deleted only when the answer was yes.
func TestLeftovers(t *testing.T) {
	r := newRig(t)
	t.Run("OfAFailedFirstCreation", func(t *testing.T) {
		r.cloud.Fault(t, "acme-infra", "ExecutionRole", "the quota is used up")
		if _, err := r.setup(t); err == nil {
			t.Fatal("no failure")
		}
		r.asksBeforeItRemoves(t, "acme-infra", "ROLLBACK_COMPLETE")
	})
	t.Run("OfTheManagersFailedFirstCreation", func(t *testing.T) {
		for _, name := range []string{"acme-workers", "acme-server", "acme-manager"} {
			if _, err := r.Stacks.Delete(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		r.cloud.Fault(t, "acme-manager", "Function", "the quota is used up")
		if _, err := r.setup(t); err == nil {
			t.Fatal("no failure")
		}
		r.asksBeforeItRemoves(t, "acme-manager", "ROLLBACK_COMPLETE")
	})
	t.Run("OfAFailedDeletion", func(t *testing.T) {
		for _, name := range []string{"acme-workers", "acme-server", "acme-manager"} {
			if _, err := r.Stacks.Delete(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		r.failedDeletion(t, "acme-infra")
		r.asksBeforeItRemoves(t, "acme-infra", "DELETE_FAILED")
	})
}

// asksBeforeItRemoves says no, then yes.
func (r *rig) asksBeforeItRemoves(t *testing.T, name, status string) {
	t.Helper()
	no := errors.New("no, thanks")
	var notes []string
	_, err := r.Setup(t.Context(), deploy.SetupRequest{Manager: r.manager, Commands: healthy, Confirm: func(p *deploy.Plan) error { notes = p.Notes; return no }})
	if !errors.Is(err, no) || !strings.Contains(strings.Join(notes, "\n"), "removes the failed stack "+name+" first, which is "+status) {
		t.Errorf("asked with %q, %v", notes, err)
	}
	if s, err := r.Stacks.Look(t.Context(), name); err != nil || string(s.Status) != status {
		t.Errorf("after a no the stack is %q, %v", s.Status, err)
	}
	res := r.mustSetup(t)
	if res.Stacks[name] != stacks.ActionCreate || len(res.Notes) > 0 {
		t.Errorf("after a yes: %+v", res)
	}
}

// failedDeletion is what a deletion with other tools leaves.
func (r *rig) failedDeletion(t *testing.T, name string) {
	t.Helper()
	r.cloud.FaultOnDelete(t, name, "", "something is in use")
	api := cloudformation.NewFromConfig(r.cloud.RootConfig(t.Context()))
	off := false
	if _, err := api.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: &name, EnableTerminationProtection: &off}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		t.Fatal(err)
	}
	if s, err := r.Stacks.Wait(t.Context(), name); err != nil || s.Status != "DELETE_FAILED" {
		t.Fatalf("%+v, %v", s, err)
	}
}
