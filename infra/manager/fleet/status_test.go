package fleet_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestReplacedWorker(t *testing.T) {
	cloud, f := start(t)
	wanted(cloud, 1, 1)
	cloud.Edit(func() { cloud.Settle(testcloud.Server); cloud.Settle(testcloud.Workers) })
	stop(cloud, testcloud.Workers, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", types.Container{Name: aws.String("worker"), ExitCode: aws.Int32(1)})
	cloud.Edit(func() {
		d := &cloud.Services[testcloud.Workers].Deployments[0]
		d.FailedTasks, d.UpdatedAt = 0, aws.Time(noon)
	})
	event(cloud, testcloud.Workers, "(service workers) has started 1 tasks: (task 00000001).", noon.Add(2*time.Minute))
	event(cloud, testcloud.Workers, "(service workers) has reached a steady state.", noon.Add(3*time.Minute))
	s := status(t, f, true)
	if len(s.Workers.Failures) != 1 || s.State != api.StateUp || s.Problem != "" {
		t.Errorf("a worker that was replaced isn't told of, or is a problem still: %+v", s)
	}
}
