package function_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// TestCalls counts what a manager that has just started calls for a status at 200 workers, and what it calls the second time.
func TestCalls(t *testing.T) {
	rollout := func(r *rig) {
		r.Services[testcloud.Workers].Deployments[0].RolloutState = types.DeploymentRolloutStateInProgress
	}
	for _, c := range []struct {
		name         string
		setup        func(*rig)
		tasks        int // told of, at least
		first, again int
	}{
		{"WhenAllIsWell", func(*rig) {}, 200, 8, 5},
		{"WhenTheyAreStarting", rollout, 199, 9, 6},
		{"WhenTheyFail", func(r *rig) {
			rollout(r)
			r.Services[testcloud.Workers].Deployments[0].FailedTasks = 200
			for range 200 {
				r.Task(testcloud.Workers, func(t *types.Task) {
					t.DesiredStatus, t.LastStatus, t.StoppedAt = aws.String("STOPPED"), aws.String("STOPPED"), aws.Time(noon.Add(time.Minute))
				})
			}
		}, 99, 9, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			r.Edit(func() {
				r.Services[testcloud.Server].DesiredCount, r.Services[testcloud.Workers].DesiredCount = 1, 200
				r.Settle(testcloud.Server)
				r.Settle(testcloud.Workers)
				c.setup(r)
			})
			e := request("GET", "/status", reader, "")
			e.QueryStringParameters = map[string]string{"tasks": "true"}
			s := call(t, r.Function, e).told(t)
			if s.State != api.StateUp || len(s.Workers.Tasks) < c.tasks || s.Endpoint == "" {
				t.Errorf("%s, %d tasks, at %q", s.State, len(s.Workers.Tasks), s.Endpoint)
			}
			if calls := r.Calls(); len(calls) > c.first {
				t.Errorf("%d calls: %v", len(calls), calls)
			}
			call(t, r.Function, e)
			if calls := r.Calls(); len(calls) > c.again {
				t.Errorf("the second time %d calls: %v", len(calls), calls)
			}
		})
	}
}
