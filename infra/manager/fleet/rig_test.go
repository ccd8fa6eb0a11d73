package fleet_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// noon is when the cluster of the tests was brought up.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func start(t *testing.T) (*testcloud.Cloud, *fleet.Fleet) {
	t.Helper()
	c := testcloud.New(t)
	return c, fleet.New(c, c, c, fleet.Names{
		Cluster: testcloud.Cluster, Server: testcloud.Server, Workers: testcloud.Workers, LogGroup: testcloud.LogGroup,
	})
}

// wanted makes counts wanted, in deployments that are still going on.
func wanted(c *testcloud.Cloud, server, workers int32) {
	c.Edit(func() {
		c.Services[testcloud.Server].DesiredCount = server
		c.Services[testcloud.Workers].DesiredCount = workers
		for _, s := range c.Services {
			s.Deployments[0].RolloutState = types.DeploymentRolloutStateInProgress
		}
	})
}

// stop adds a task that has stopped a minute after noon, and counts it as a failure of the deployment.
func stop(c *testcloud.Cloud, service string, code types.TaskStopCode, reason string, container types.Container) {
	c.Edit(func() {
		c.Task(service, func(t *types.Task) {
			t.DesiredStatus, t.LastStatus = aws.String("STOPPED"), aws.String("STOPPED")
			t.StopCode, t.StoppedReason, t.StoppedAt = code, &reason, aws.Time(noon.Add(time.Minute))
			t.Containers = []types.Container{container}
		})
		c.Services[service].Deployments[0].FailedTasks++
	})
}

func event(c *testcloud.Cloud, service, message string, at time.Time) {
	c.Edit(func() {
		s := c.Services[service]
		s.Events = append([]types.ServiceEvent{{Message: &message, CreatedAt: &at}}, s.Events...)
	})
}

func status(t *testing.T, f *fleet.Fleet, all bool) api.Status {
	t.Helper()
	now, err := f.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Status(t.Context(), now, fleet.Question{Tasks: all, Since: noon, Now: noon.Add(10 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
