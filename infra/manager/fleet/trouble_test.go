package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// TestEvents shows services' events as AWS documents them, and what is told of them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name, message string
		want          string // "": no problem
	}{
		{"Capacity", "(service workers) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", "no Fargate capacity"},
		{"QuotaOfCPUs", "(service workers) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", "quota for Fargate is used up"},
		{"QuotaOfTasks", "(service workers) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently.", "quota for Fargate is used up"},
		{"MemoryLimit", "(service workers) was unable to place a task. Reason: The requested MEMORY configuration is above your limit.", "tasks of this size"},
		{"Internal", "(service workers) was unable to place a task. Reason: Internal error.", "ECS tries again"},
		{"Role", "(service workers) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/x' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).", "run `bbf setup`"},
		{"AgainAndAgain", "(service workers) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.", "fail again and again"},
		{"Throttled", "(service workers) operations are being throttled. Will try again later.", "limits how fast"},
		{"HealthCheck", "(service workers) (task 0123456789abcdef) failed container health checks.", "health checks"},
		{"DeploymentLimits", "(service workers) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.", "deployment limits"},
		{"NewWords", "(service workers) was unable to do something new.", "unable to do something new"},
		{"Started", "(service workers) has started 2 tasks: (task 1) (task 2).", ""},
		{"Stopped", "(service workers) has stopped 1 running tasks: (task 1).", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			wanted(cloud, 1, 2)
			cloud.Edit(func() { cloud.Settle(testcloud.Server) })
			event(cloud, testcloud.Workers, c.message, noon.Add(time.Minute))
			got := status(t, f, false).Problem
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || got != "" && !strings.HasPrefix(got, "workers: ") {
				t.Errorf("got %q, want it to say %q of the workers", got, c.want)
			}
		})
	}
	const quota = "(service workers) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently."
	for _, c := range []struct {
		name  string
		setup func(*testcloud.Cloud)
	}{
		{"WhenItIsOver", func(c *testcloud.Cloud) {
			event(c, testcloud.Workers, quota, noon.Add(time.Minute))
			event(c, testcloud.Workers, "(service workers) has reached a steady state.", noon.Add(2*time.Minute))
		}},
		{"WhenItWasBeforeTheClusterWasBroughtUp", func(c *testcloud.Cloud) { event(c, testcloud.Workers, quota, noon.Add(-time.Minute)) }},
		{"WhenAllRunNevertheless", func(c *testcloud.Cloud) {
			event(c, testcloud.Workers, quota, noon.Add(time.Minute))
			c.Edit(func() { c.Settle(testcloud.Workers) })
		}},
		{"WhenNoneIsWantedAnyMore", func(c *testcloud.Cloud) {
			event(c, testcloud.Workers, quota, noon.Add(time.Minute))
			c.Edit(func() { c.Services[testcloud.Workers].DesiredCount = 0 })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			wanted(cloud, 1, 2)
			cloud.Edit(func() { cloud.Settle(testcloud.Server) })
			c.setup(cloud)
			if got := status(t, f, false).Problem; got != "" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestCircuitBreaker(t *testing.T) {
	cloud, f := start(t)
	wanted(cloud, 1, 1)
	for range 3 {
		stop(cloud, testcloud.Server, types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: x: not found", types.Container{Image: aws.String("acme/server:1")})
	}
	cloud.Edit(func() {
		d := &cloud.Services[testcloud.Server].Deployments[0]
		d.RolloutState, d.RolloutStateReason = types.DeploymentRolloutStateFailed, aws.String("ECS deployment circuit breaker: tasks failed to start.")
	})
	event(cloud, testcloud.Server, "(service server) (deployment ecs-svc/1) deployment failed: tasks failed to start.", noon.Add(time.Minute))
	for _, all := range []bool{true, false} { // the reason is worth a look in either case
		got := status(t, f, all)
		for _, want := range []string{"server: ", "acme/server:1 isn't in its registry", "`bbf up` makes it try again"} {
			if !strings.Contains(got.Problem, want) {
				t.Errorf("with tasks %v: %q doesn't say %q", all, got.Problem, want)
			}
		}
		if (got.Server.Failures != nil) != all {
			t.Errorf("with tasks %v: failures %+v", all, got.Server.Failures)
		}
	}
	cloud.Edit(func() { cloud.Tasks = nil }) // ECS has forgotten them
	if got := status(t, f, false).Problem; !strings.Contains(got, "circuit breaker: tasks failed to start") {
		t.Errorf("got %q", got)
	}
}
