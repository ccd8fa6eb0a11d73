package fleet_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestState(t *testing.T) {
	settle := func(c *testcloud.Cloud, names ...string) {
		c.Edit(func() {
			for _, n := range names {
				c.Settle(n)
			}
		})
	}
	for _, c := range []struct {
		name  string
		setup func(*testcloud.Cloud)
		want  string
	}{
		{"NothingWanted", func(*testcloud.Cloud) {}, api.StateDown},
		{"NothingRunsYet", func(c *testcloud.Cloud) { wanted(c, 1, 2) }, api.StateStarting},
		{"ServerOnly", func(c *testcloud.Cloud) { wanted(c, 1, 2); settle(c, testcloud.Server) }, api.StateStarting},
		{"WorkersOnly", func(c *testcloud.Cloud) { wanted(c, 1, 2); settle(c, testcloud.Workers) }, api.StateStarting},
		{"Both", func(c *testcloud.Cloud) { wanted(c, 1, 2); settle(c, testcloud.Server, testcloud.Workers) }, api.StateUp},
		{"OneWorkerOfTwo", func(c *testcloud.Cloud) {
			wanted(c, 1, 2)
			settle(c, testcloud.Server)
			c.Edit(func() { c.Task(testcloud.Workers); c.Services[testcloud.Workers].RunningCount = 1 })
		}, api.StateUp},
		{"NoWorkersWanted", func(c *testcloud.Cloud) { wanted(c, 1, 0); settle(c, testcloud.Server, testcloud.Workers) }, api.StateUp},
		{"ServerNotHealthyYet", func(c *testcloud.Cloud) {
			wanted(c, 1, 1)
			settle(c, testcloud.Workers)
			c.Edit(func() {
				c.Task(testcloud.Server, func(t *types.Task) { t.HealthStatus = types.HealthStatusUnknown })
				c.Services[testcloud.Server].RunningCount = 1
			})
		}, api.StateStarting},
		{"StillStopping", func(c *testcloud.Cloud) {
			wanted(c, 1, 1)
			settle(c, testcloud.Server, testcloud.Workers)
			c.Edit(func() { c.Services[testcloud.Server].DesiredCount = 0; c.Services[testcloud.Workers].DesiredCount = 0 })
		}, api.StateStopping},
		{"CircuitBreaker", func(c *testcloud.Cloud) {
			wanted(c, 1, 1)
			c.Edit(func() { c.Services[testcloud.Server].Deployments[0].RolloutState = types.DeploymentRolloutStateFailed })
		}, api.StateFailing},
		{"WorkersFailTwice", func(c *testcloud.Cloud) {
			wanted(c, 1, 1)
			settle(c, testcloud.Server)
			c.Edit(func() { c.Services[testcloud.Workers].Deployments[0].FailedTasks = 2 })
		}, api.StateFailing},
		{"WorkersFailOnce", func(c *testcloud.Cloud) {
			wanted(c, 1, 1)
			settle(c, testcloud.Server)
			c.Edit(func() { c.Services[testcloud.Workers].Deployments[0].FailedTasks = 1 })
		}, api.StateStarting},
		{"SomeWorkersFailButOneRuns", func(c *testcloud.Cloud) {
			wanted(c, 1, 2)
			settle(c, testcloud.Server)
			c.Edit(func() {
				c.Task(testcloud.Workers)
				c.Services[testcloud.Workers].RunningCount = 1
				c.Services[testcloud.Workers].Deployments[0].FailedTasks = 3
			})
		}, api.StateUp},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			c.setup(cloud)
			if got := status(t, f, false).State; got != c.want {
				t.Errorf("without tasks: got %s, want %s", got, c.want)
			}
			if got := status(t, f, true).State; got != c.want {
				t.Errorf("with tasks: got %s, want %s", got, c.want)
			}
		})
	}
}
