package fleet

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// describe says how tasks are, the oldest first.
func describe(list []types.Task, steady bool) []api.Task {
	var out []api.Task
	for _, t := range list {
		out = append(out, api.Task{ID: id(t), State: taskState(t, steady), Since: aws.ToTime(t.CreatedAt), Zone: aws.ToString(t.AvailabilityZone)})
	}
	slices.SortFunc(out, func(a, b api.Task) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// taskState tells the phases apart that take a user's time. steady says that the service's deployment has completed, which ECS says only when
// all tasks were healthy; a task whose containers have no health check tells nothing itself.
// The life of a task: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
func taskState(t types.Task, steady bool) string {
	switch aws.ToString(t.LastStatus) {
	case "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED":
		return api.TaskStopping
	case "RUNNING":
		switch {
		case aws.ToString(t.DesiredStatus) == "STOPPED":
			return api.TaskStopping
		case healthy(t, steady):
			return api.TaskRunning
		}
		return api.TaskStarting
	case "ACTIVATING":
		return api.TaskStarting
	}
	switch {
	case t.PullStoppedAt != nil:
		return api.TaskStarting
	case t.PullStartedAt != nil:
		return api.TaskPulling
	}
	return api.TaskPending
}

func healthy(t types.Task, steady bool) bool {
	return t.HealthStatus == types.HealthStatusHealthy || steady && t.HealthStatus != types.HealthStatusUnhealthy
}

// failures is why tasks of a service stopped since a moment, the newest first; not those that were told to.
func (f *Fleet) failures(stopped []types.Task, service string, since time.Time) []api.Failure {
	var out []api.Failure
	for _, t := range stopped {
		at := aws.ToTime(t.StoppedAt)
		if at.IsZero() {
			at = aws.ToTime(t.StoppingAt)
		}
		if aws.ToString(t.Group) != "service:"+service || at.Before(since) || told(t) {
			continue
		}
		out = append(out, api.Failure{Task: id(t), At: at, Reason: f.why(t)})
	}
	slices.SortFunc(out, func(a, b api.Failure) int { return b.At.Compare(a.At) })
	return out[:min(len(out), 5)]
}

// id is the last part of a task's ARN.
func id(t types.Task) string {
	arn := aws.ToString(t.TaskArn)
	return arn[strings.LastIndex(arn, "/")+1:]
}
