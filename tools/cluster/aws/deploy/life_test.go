package deploy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

func TestLifeOfADeployment(t *testing.T) {
	r := newRig(t)
	refusal := errors.New("no, thanks")
	_, err := r.Setup(t.Context(), deploy.SetupRequest{Manager: r.manager, Commands: healthy, Confirm: func(*deploy.Plan) error { return refusal }})
	if !errors.Is(err, refusal) || len(r.left(t)) > 0 {
		t.Fatalf("a refused setup: %v, left %v", err, r.left(t))
	}

	res := r.mustSetup(t)
	if !res.Changed || res.FunctionURL == "" || res.ManagerStack == "" || len(res.Stacks) != 4 || res.Stacks["acme-workers"] != stacks.ActionCreate {
		t.Errorf("the first setup: %+v", res)
	}
	for _, p := range r.plan.Stacks {
		if p.Action != stacks.ActionCreate || len(p.Changes) == 0 {
			t.Errorf("planned: %+v", p)
		}
	}
	if !r.plan.MakesBucket || !slices.ContainsFunc(r.events, func(e progress.Event) bool { return e.Name == "acme-workers" && e.State == "CREATE_COMPLETE" }) {
		t.Errorf("plan %+v, told %v", r.plan, r.events)
	}
	d, err := deploy.ReadDeployed(t.Context(), r.Bucket)
	if err != nil || d.Config.Cluster != "acme" || d.By != r.Caller.ARN || d.Version != "0.1.0" {
		t.Errorf("stored: %+v, %v", d, err)
	}

	if res = r.mustSetup(t); res.Changed || r.plan != nil || res.FunctionURL == "" {
		t.Errorf("the same again: %+v, plan %+v", res, r.plan)
	}

	t.Run("KeepsWhatRuns", r.keepsWhatRuns)
	t.Run("KeepsWhatIsBroughtUpMeanwhile", r.keepsWhatIsBroughtUpMeanwhile)
	t.Run("RefusesToRenameStacks", r.refusesToRenameStacks)
	t.Run("Teardown", r.teardown)
	t.Run("AgainAfterTeardown", func(t *testing.T) { r.mustSetup(t) })
	t.Run("Purge", r.purge)
}

func (r *rig) refusesToRenameStacks(t *testing.T) {
	r.Config.AWS.Stacks.Server = "renamed"
	defer func() { r.Config.AWS.Stacks.Server = "acme-server" }()
	if _, err := r.setup(t); err == nil || !strings.Contains(err.Error(), "a stack can't be renamed") {
		t.Error(err)
	}
}

func (r *rig) teardown(t *testing.T) {
	var plan *deploy.TeardownPlan
	res, err := r.Teardown(t.Context(), deploy.TeardownRequest{Confirm: func(p *deploy.TeardownPlan) error { plan = p; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Goes) != 4 || plan.Goes[0].Name != "acme-workers" || plan.Running["workers"] != 2 || len(plan.Stays) != 2 {
		t.Errorf("the plan: %+v", plan)
	}
	if len(res.Stays) != 2 || len(r.left(t)) > 0 {
		t.Errorf("stays %v, stacks left: %v", res.Stays, r.left(t))
	}
	if d, err := deploy.ReadDeployed(t.Context(), r.Bucket); err != nil || d != nil {
		t.Errorf("the configuration is still said to be deployed: %+v, %v", d, err)
	}
	if _, err := r.Teardown(t.Context(), deploy.TeardownRequest{Confirm: func(p *deploy.TeardownPlan) error { t.Errorf("asked for %+v", p); return nil }}); err != nil {
		t.Errorf("again: %v", err)
	}
}

func (r *rig) purge(t *testing.T) {
	res, err := r.Teardown(t.Context(), deploy.TeardownRequest{Purge: true})
	if err != nil || len(res.Stays) > 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	if s, err := r.Bucket.Look(t.Context()); err != nil || s.Exists {
		t.Errorf("the bucket: %+v, %v", s, err)
	}
	logs, err := r.Logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil || len(logs.LogGroups) > 0 {
		t.Errorf("log groups: %+v, %v", logs, err)
	}
}
