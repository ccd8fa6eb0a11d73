package main_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/testing/standin"
)

// TestManager runs the real program behind a Function URL, with signatures and policies checked. The parts build on each other.
func TestManager(t *testing.T) {
	r := start(t)
	policy := string(cloudformation.Policy("builder", &r.config, r.AccountID))
	builder, reader := r.User(t, "builder", policy), r.User(t, "reader", policy)

	t.Run("ColdStart", func(t *testing.T) {
		best := time.Hour
		for range 3 {
			var first answer
			wait(t, "the manager to be started again", func() bool { // a call may still be given to the dead one: then it doesn't count
				r.KillLambda(t, "acme-manager")
				first = r.call(t, reader, "GET", "/status", "")
				return first.status != http.StatusBadGateway
			})
			if s := first.told(t); s.State != api.StateDown || s.Caller.Role != api.RoleReader || s.Cluster != cluster {
				t.Errorf("got %+v", s)
			}
			t.Logf("cold: %v, warm: %v", first.took, r.call(t, reader, "GET", "/status", "").took)
			best = min(best, first.took)
		}
		if best > 300*time.Millisecond {
			t.Errorf("the first answer takes %v, start and calls of AWS included", best)
		}
	})
	t.Run("WhoIsRefused", func(t *testing.T) {
		wrong := builder
		wrong.SecretAccessKey = "wrong"
		for name, keys := range map[string]aws.Credentials{"Unsigned": {}, "WrongSecret": wrong, "WithoutAPolicy": r.User(t, "nobody")} {
			if a := r.call(t, keys, "GET", "/status", ""); a.status != http.StatusForbidden || strings.Contains(a.body, `"code"`) {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if e := r.call(t, reader, "POST", "/up", "").refused(t); e.Code != "forbidden" || e.Needed != api.RoleBuilder {
			t.Errorf("a reader: %+v", e)
		}
		if e := r.call(t, r.User(t, "stranger", policy), "GET", "/status", "").refused(t); e.Code != "forbidden" || e.Needed != api.RoleReader {
			t.Errorf("somebody whom no pattern matches: %+v", e)
		}
		if e := r.call(t, builder, "POST", "/up", `{"wrokers":1}`).refused(t); e.Code != "bad_request" {
			t.Errorf("a misspelt field: %+v", e)
		}
	})
	t.Run("TenUpsAtOnce", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { r.call(t, builder, "POST", "/up", `{"workers":3}`).told(t) })
		}
		wg.Wait()
		var s api.Status
		wait(t, "the cluster to be up", func() bool {
			s = r.call(t, reader, "GET", "/status?tasks=true", "").told(t)
			return s.State == api.StateUp && s.Workers.Running == 3
		})
		if len(s.Server.Tasks) != 1 || len(s.Workers.Tasks) != 3 || !strings.HasPrefix(s.Endpoint, "grpcs://127.") || !strings.HasSuffix(s.By, ":user/builder") {
			t.Errorf("got %+v", s)
		}
		if len(s.Server.Failures)+len(s.Workers.Failures) > 0 || s.Problem != "" {
			t.Errorf("failures %+v %+v, problem %q", s.Server.Failures, s.Workers.Failures, s.Problem)
		}
	})
	t.Run("StatusCallsFewerThanTen", func(t *testing.T) {
		r.KillLambda(t, "acme-manager")
		r.ClearRequests(t)
		r.call(t, reader, "GET", "/status?tasks=true", "").told(t)
		var calls []string
		for _, q := range r.Requests(t) {
			calls = append(calls, q.Checks[0].Action)
		}
		if len(calls) >= 10 {
			t.Errorf("%d calls: %v", len(calls), calls)
		}
		t.Logf("%d calls: %v", len(calls), calls)
	})
	t.Run("ThrottledTwice", func(t *testing.T) {
		r.FailCalls(t, "ecs:DescribeServices", "ThrottlingException", 2)
		r.call(t, reader, "GET", "/status", "").told(t)
	})
	t.Run("TheTickLeavesWhatIsUsed", func(t *testing.T) {
		r.tick(t)
		if s := r.call(t, reader, "GET", "/status", "").told(t); s.Server.Desired != 1 {
			t.Errorf("got %+v", s)
		}
	})
	t.Run("TheTickEndsWhatIsNot", func(t *testing.T) {
		long := time.Now().Add(-2 * time.Hour)
		r.save(t, state.UpKey(cluster), state.Up{At: long, Asked: long, By: "somebody", Workers: 3})
		r.tick(t)
		wait(t, "the cluster to be down", func() bool { return r.call(t, reader, "GET", "/status", "").told(t).State == api.StateDown })
	})
	t.Run("KilledInTheMiddleOfUp", func(t *testing.T) {
		r.KillLambdaAt(t, "acme-manager", "ecs:UpdateService")
		if a := r.call(t, builder, "POST", "/up", `{"workers":2}`); a.status == http.StatusOK {
			t.Errorf("a killed manager answers %s", a.body)
		}
		r.call(t, builder, "POST", "/up", `{"workers":2}`).told(t)
		wait(t, "the cluster to be up", func() bool {
			s := r.call(t, reader, "GET", "/status?tasks=true", "").told(t)
			return s.State == api.StateUp && len(s.Workers.Tasks) == 2 && len(s.Server.Tasks) == 1
		})
	})
	t.Run("Down", func(t *testing.T) {
		r.call(t, builder, "POST", "/down", `{"to":1}`).told(t)
		wait(t, "one worker", func() bool { return r.call(t, reader, "GET", "/status", "").told(t).Workers.Running == 1 })
		r.call(t, builder, "POST", "/down", "").told(t)
		wait(t, "the cluster to be down", func() bool { return r.call(t, reader, "GET", "/status", "").told(t).State == api.StateDown })
	})
	t.Run("WithoutTheLogGroupAndTheImages", func(t *testing.T) {
		logs := cloudwatchlogs.NewFromConfig(r.Config(r.Root()))
		if _, err := logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &r.config.AWS.LogGroup}); err != nil {
			t.Fatal(err)
		}
		r.SetImages(t, map[string]standin.ImageCommand{})
		r.call(t, builder, "POST", "/up", "").told(t)
		groups, err := logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &r.config.AWS.LogGroup})
		if err != nil || len(groups.LogGroups) != 1 || aws.ToInt32(groups.LogGroups[0].RetentionInDays) != 30 {
			t.Errorf("groups %+v, %v", groups, err)
		}
		var s api.Status
		wait(t, "the failure", func() bool {
			s = r.call(t, reader, "GET", "/status?tasks=true", "").told(t)
			return s.State == api.StateFailing && strings.Contains(s.Problem, "given up")
		})
		if !strings.Contains(s.Problem, "isn't in its registry") {
			t.Errorf("problem %q, failures %+v", s.Problem, s.Server.Failures)
		}
		t.Log(s.Problem)
	})
	t.Run("WithTasksThatEnd", func(t *testing.T) {
		r.SetImages(t, map[string]standin.ImageCommand{"bbf/acme/": {Argv: []string{"sh", "-c", "exit 3"}}})
		r.call(t, builder, "POST", "/up", "").told(t)
		var s api.Status
		wait(t, "the failure", func() bool {
			s = r.call(t, reader, "GET", "/status?tasks=true", "").told(t)
			return s.State == api.StateFailing && strings.Contains(s.Problem, "exit code 3")
		})
		t.Log(s.Problem)
	})
	t.Run("AndAgainWithThem", func(t *testing.T) {
		r.SetImages(t, sleeps)
		r.call(t, builder, "POST", "/up", "").told(t)
		wait(t, "the cluster to be up", func() bool { return r.call(t, reader, "GET", "/status", "").told(t).State == api.StateUp })
	})
}
