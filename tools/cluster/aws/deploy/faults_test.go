package deploy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// Each resource of each stack fails once; the same command then ends well.
func TestEveryCreationFailsOnce(t *testing.T) {
	r := newRig(t)
	r.Config.AWS.VPC.New.Zones = 3 // so that no resource is left out
	refusal := errors.New("no, thanks")
	var plan *deploy.Plan
	if _, err := r.Setup(t.Context(), deploy.SetupRequest{Manager: r.manager, Confirm: func(p *deploy.Plan) error { plan = p; return refusal }}); !errors.Is(err, refusal) {
		t.Fatal(err)
	}
	for _, s := range plan.Stacks {
		for _, c := range s.Changes {
			r.cloud.Fault(t, s.Stack, c.Resource, "the quota is used up")
			_, err := r.setup(t)
			if err == nil || !strings.Contains(err.Error(), "stack "+s.Stack+": "+c.Resource+" ("+c.Type+"): ") || !strings.Contains(err.Error(), "the quota is used up") || cluster.Next(err) == "" {
				t.Fatalf("%s of %s: %v; next: %s", c.Resource, s.Stack, err, cluster.Next(err))
			}
		}
	}
	if res := r.mustSetup(t); len(res.Stacks) != 4 {
		t.Errorf("%+v", res)
	}
}

func TestInterruptedSetupGoesOn(t *testing.T) {
	r := newRig(t)
	for _, stack := range []string{"acme-infra", "acme-manager", "acme-workers"} {
		ctx, cancel := context.WithCancel(t.Context())
		stop := progress.Func(func(e progress.Event) {
			if e.Kind == progress.KindResource && strings.HasPrefix(e.Name, stack+"/") {
				cancel()
			}
		})
		r.Stacks.Progress = stop
		_, err := r.Setup(ctx, deploy.SetupRequest{Manager: r.manager, Commands: healthy})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "CloudFormation goes on with stack "+stack) || !strings.Contains(cluster.Next(err), "goes on from here") {
			t.Errorf("%s: %v; next: %s", stack, err, cluster.Next(err))
		}
	}
	if res := r.mustSetup(t); len(res.Stacks) != 4 || res.FunctionURL == "" {
		t.Errorf("%+v", res)
	}
}

func TestInterruptedTeardownGoesOn(t *testing.T) {
	r := newRig(t)
	r.mustSetup(t)
	for _, stack := range []string{"acme-workers", "acme-manager", "acme-infra"} {
		ctx, cancel := context.WithCancel(t.Context())
		r.Stacks.Progress = func(e progress.Event) {
			if strings.HasPrefix(e.Name, stack) {
				cancel()
			}
		}
		_, err := r.Teardown(ctx, deploy.TeardownRequest{})
		if !errors.Is(err, context.Canceled) || cluster.Next(err) == "" {
			t.Errorf("%s: %v; next: %s", stack, err, cluster.Next(err))
		}
	}
	if res, err := r.Teardown(t.Context(), deploy.TeardownRequest{Purge: true}); err != nil || len(res.Stays) > 0 || len(r.left(t)) > 0 {
		t.Errorf("%+v, %v, left %v", res, err, r.left(t))
	}
}
