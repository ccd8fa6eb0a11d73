package deploy_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// scale brings the cluster up as the manager would.
func (r *rig) scale(t *testing.T, server, workers int32) {
	t.Helper()
	for service, n := range map[string]int32{"server": server, "workers": workers} {
		in := &ecs.UpdateServiceInput{Cluster: aws.String("acme"), Service: &service, DesiredCount: &n}
		if _, err := ecs.NewFromConfig(r.cloud.RootConfig(t.Context())).UpdateService(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
}

func (r *rig) wantsRunning(t *testing.T, server, workers int32) {
	t.Helper()
	in := &ecs.DescribeServicesInput{Cluster: aws.String("acme"), Services: []string{"server", "workers"}}
	out, err := r.ECS.DescribeServices(t.Context(), in)
	if err != nil || len(out.Services) != 2 || out.Services[0].DesiredCount != server || out.Services[1].DesiredCount != workers {
		t.Errorf("%+v, %v", out, err)
	}
}

func (r *rig) keepsWhatRuns(t *testing.T) {
	r.scale(t, 1, 2)
	if res := r.mustSetup(t); res.Changed {
		t.Errorf("bringing the cluster up counts as a change: %+v", r.plan.Stacks)
	}
	r.Config.Workers.Memory = 16384
	done := r.mustSetup(t).Stacks
	if done["acme-workers"] != stacks.ActionUpdate || done["acme-server"] != stacks.ActionNone || done["acme-manager"] != stacks.ActionUpdate {
		t.Errorf("with bigger workers: %v", done)
	}
	if len(r.plan.Differences) != 1 || r.plan.Differences[0].String() != "workers.memory 16384 here, 8192 there" {
		t.Errorf("differences: %v", r.plan.Differences)
	}
	r.wantsRunning(t, 1, 2)
}

func (r *rig) keepsWhatIsBroughtUpMeanwhile(t *testing.T) {
	r.Config.Workers.Memory = 8192
	r.scale(t, 1, 1)
	request := deploy.SetupRequest{Manager: r.manager, Commands: healthy, Confirm: func(*deploy.Plan) error { r.scale(t, 1, 3); return nil }}
	if _, err := r.Setup(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	r.wantsRunning(t, 1, 3)
	r.scale(t, 1, 2)
}
