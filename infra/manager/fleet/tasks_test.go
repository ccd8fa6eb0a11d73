package fleet_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestTasks(t *testing.T) {
	cloud, f := start(t)
	wanted(cloud, 1, 6)
	at := aws.Time(noon)
	phases := []struct {
		want   string
		change func(*types.Task)
	}{
		{api.TaskPending, func(t *types.Task) { t.LastStatus = aws.String("PROVISIONING") }},
		{api.TaskPending, func(t *types.Task) { t.LastStatus = aws.String("PENDING") }},
		{api.TaskPulling, func(t *types.Task) { t.LastStatus, t.PullStartedAt = aws.String("PENDING"), at }},
		{api.TaskStarting, func(t *types.Task) {
			t.LastStatus, t.PullStartedAt, t.PullStoppedAt = aws.String("PENDING"), at, at
		}},
		{api.TaskStarting, func(t *types.Task) { t.LastStatus = aws.String("ACTIVATING") }},
		{api.TaskStarting, func(t *types.Task) { t.HealthStatus = types.HealthStatusUnknown }},
		{api.TaskStarting, func(t *types.Task) { t.HealthStatus = types.HealthStatusUnhealthy }},
		{api.TaskRunning, func(*types.Task) {}},
		{api.TaskStopping, func(t *types.Task) { t.DesiredStatus = aws.String("STOPPED") }},
		{api.TaskStopping, func(t *types.Task) {
			t.DesiredStatus, t.LastStatus = aws.String("STOPPED"), aws.String("DEPROVISIONING")
		}},
	}
	cloud.Edit(func() {
		for _, p := range phases {
			cloud.Task(testcloud.Workers, p.change)
		}
		cloud.Task("other") // in the same ECS cluster, but not ours
		cloud.Services[testcloud.Workers].RunningCount = 8
	})
	got := status(t, f, true).Workers.Tasks
	if len(got) != len(phases) {
		t.Fatalf("%d tasks, want %d: %+v", len(got), len(phases), got)
	}
	for i, p := range phases {
		if got[i].State != p.want || got[i].Zone != "eu-west-1a" || got[i].Since.IsZero() || strings.Contains(got[i].ID, "/") {
			t.Errorf("task %d is %+v, want it %s", i, got[i], p.want)
		}
	}
	if s := status(t, f, false); s.Workers.Tasks != nil {
		t.Errorf("tasks that nobody asked for: %+v", s.Workers.Tasks)
	}
}
