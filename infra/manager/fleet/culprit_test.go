package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestNoFailures(t *testing.T) {
	for _, c := range []struct {
		name   string
		code   types.TaskStopCode
		reason string
		at     time.Time
	}{
		{"WhenFewerAreWanted", types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment ecs-svc/1234567890)", noon.Add(time.Minute)},
		{"WhenSomebodyStopsIt", types.TaskStopCodeUserInitiated, "Task stopped by user", noon.Add(time.Minute)},
		{"BeforeTheClusterWasBroughtUp", types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", noon.Add(-time.Minute)},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			wanted(cloud, 1, 1)
			stop(cloud, testcloud.Workers, c.code, c.reason, types.Container{})
			cloud.Edit(func() { cloud.Tasks[0].StoppedAt = &c.at })
			if s := status(t, f, true); len(s.Workers.Failures) != 0 || s.Workers.Desired != 1 {
				t.Errorf("got %+v", s.Workers)
			}
		})
	}
}

func TestTheCulpritIsNamed(t *testing.T) {
	cloud, f := start(t)
	wanted(cloud, 1, 1)
	stop(cloud, testcloud.Server, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", types.Container{})
	cloud.Edit(func() {
		cloud.Tasks[0].Containers = []types.Container{
			{Name: aws.String("redis"), ExitCode: aws.Int32(0)},
			{Name: aws.String("server"), ExitCode: aws.Int32(1)},
			{Name: aws.String("gateway"), ExitCode: aws.Int32(137)},
		}
	})
	s := status(t, f, true)
	if len(s.Server.Failures) != 1 || !strings.Contains(s.Server.Failures[0].Reason, "container server ended with exit code 1") {
		t.Errorf("got %+v", s.Server.Failures)
	}
}
