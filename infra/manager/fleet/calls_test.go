package fleet_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// TestCalls counts what a status costs, at worst: the server's address isn't known yet. The manager adds two calls of S3 to it when it has just
// started, and nine are allowed.
func TestCalls(t *testing.T) {
	both := func(c *testcloud.Cloud) { c.Settle(testcloud.Server); c.Settle(testcloud.Workers) }
	rollout := func(c *testcloud.Cloud) {
		both(c)
		c.Services[testcloud.Workers].Deployments[0].RolloutState = types.DeploymentRolloutStateInProgress
	}
	failing := func(c *testcloud.Cloud) {
		rollout(c)
		c.Services[testcloud.Workers].Deployments[0].FailedTasks = 150
		stopped(c, 150)
	}
	for _, c := range []struct {
		name    string
		workers int32
		setup   func(*testcloud.Cloud)
		most    int
		told    int // tasks of workers, at least
		reasons int
	}{
		{"NothingWanted", 0, func(*testcloud.Cloud) {}, 1, 0, 0},
		{"TenWorkers", 10, both, 4, 10, 0},
		{"TenWorkersFailing", 10, failing, 6, 10, 5},
		{"199Workers", 199, both, 6, 199, 0},
		{"200Workers", 200, both, 6, 200, 0},
		{"200WorkersOfWhichSomeWereReplaced", 200, func(c *testcloud.Cloud) {
			both(c)
			replaced(c)
			stopped(c, 150)
		}, 7, 200, 5},
		{"200WorkersStarting", 200, rollout, 7, 199, 0},
		{"200WorkersFailing", 200, failing, 7, 99, 5},
		{"200WorkersWhoseServerStartsAnew", 200, func(c *testcloud.Cloud) {
			both(c)
			c.Services[testcloud.Server].Deployments[0].RolloutState = types.DeploymentRolloutStateInProgress
		}, 7, 200, 0},
		{"1000Workers", 1000, both, 7, 200, 0},
		{"1000WorkersFailing", 1000, failing, 7, 99, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			if c.workers > 0 {
				wanted(cloud, 1, c.workers)
			}
			cloud.Edit(func() { c.setup(cloud) })
			s := status(t, f, true)
			if calls := cloud.Calls(); len(calls) > c.most {
				t.Errorf("%d calls, want at most %d: %v", len(calls), c.most, calls)
			}
			if len(s.Workers.Tasks) < c.told || len(s.Workers.Failures) != c.reasons {
				t.Errorf("told of %d workers and %d failures, want %d and %d", len(s.Workers.Tasks), len(s.Workers.Failures), c.told, c.reasons)
			}
			if c.workers > 0 && (s.Endpoint == "" || len(s.Server.Tasks) != 1) {
				t.Errorf("the server is %+v at %q", s.Server, s.Endpoint)
			}
		})
	}
}

// stopped adds workers that have failed.
func stopped(c *testcloud.Cloud, n int) {
	for range n {
		c.Task(testcloud.Workers, func(t *types.Task) {
			t.DesiredStatus, t.LastStatus = aws.String("STOPPED"), aws.String("STOPPED")
			t.StopCode, t.StoppedAt = types.TaskStopCodeEssentialContainerExited, aws.Time(noon.Add(time.Minute))
		})
	}
}

// replaced makes ECS say that it has started workers after all of them ran.
func replaced(c *testcloud.Cloud) {
	s := c.Services[testcloud.Workers]
	s.Deployments[0].UpdatedAt = aws.Time(noon)
	s.Events = []types.ServiceEvent{
		{Message: aws.String("(service workers) has reached a steady state."), CreatedAt: aws.Time(noon.Add(3 * time.Minute))},
		{Message: aws.String("(service workers) has started 150 tasks: (task 1)."), CreatedAt: aws.Time(noon.Add(2 * time.Minute))},
	}
}
