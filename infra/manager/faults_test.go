package main_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/testing/standin"
)

func (k *team) throttledTwice(t *testing.T) {
	k.FailCalls(t, "ecs:DescribeServices", "ThrottlingException", 2)
	k.call(t, k.reader, "GET", "/status", "").told(t)
}

func (k *team) killedInTheMiddleOfUp(t *testing.T) {
	k.KillLambdaAt(t, "acme-manager", "ecs:UpdateService")
	if a := k.call(t, k.builder, "POST", "/up", `{"workers":2}`); a.status == http.StatusOK {
		t.Errorf("a killed manager answers %s", a.body)
	}
	k.call(t, k.builder, "POST", "/up", `{"workers":2}`).told(t)
	wait(t, "the cluster to be up", func() bool {
		s := k.call(t, k.reader, "GET", "/status?tasks=true", "").told(t)
		return s.State == api.StateUp && len(s.Workers.Tasks) == 2 && len(s.Server.Tasks) == 1
	})
}

func (k *team) withoutTheLogGroupAndTheImages(t *testing.T) {
	logs := cloudwatchlogs.NewFromConfig(k.Config(k.Root()))
	if _, err := logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &k.config.AWS.LogGroup}); err != nil {
		t.Fatal(err)
	}
	k.SetImages(t, map[string]standin.ImageCommand{})
	k.call(t, k.builder, "POST", "/up", "").told(t)
	groups, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &k.config.AWS.LogGroup})
	if err != nil || len(groups.LogGroups) != 1 || aws.ToInt32(groups.LogGroups[0].RetentionInDays) != 30 {
		t.Errorf("groups %+v, %v", groups, err)
	}
	var s api.Status
	wait(t, "the failure", func() bool {
		s = k.call(t, k.reader, "GET", "/status?tasks=true", "").told(t)
		return s.State == api.StateFailing && strings.Contains(s.Problem, "given up")
	})
	if !strings.Contains(s.Problem, "isn't in its registry") {
		t.Errorf("problem %q, failures %+v", s.Problem, s.Server.Failures)
	}
	t.Log(s.Problem)
}

func (k *team) withTasksThatEnd(t *testing.T) {
	k.SetImages(t, map[string]standin.ImageCommand{"bbf/acme/": {Argv: []string{"sh", "-c", "exit 3"}}})
	k.call(t, k.builder, "POST", "/up", "").told(t)
	var s api.Status
	wait(t, "the failure", func() bool {
		s = k.call(t, k.reader, "GET", "/status?tasks=true", "").told(t)
		return s.State == api.StateFailing && strings.Contains(s.Problem, "exit code 3")
	})
	t.Log(s.Problem)
}

func (k *team) andAgainWithThem(t *testing.T) {
	k.SetImages(t, sleeps)
	k.call(t, k.builder, "POST", "/up", "").told(t)
	wait(t, "the cluster to be up", func() bool { return k.call(t, k.reader, "GET", "/status", "").told(t).State == api.StateUp })
}
