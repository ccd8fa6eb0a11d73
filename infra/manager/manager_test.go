package main_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
)

// team is a cluster and who uses it.
type team struct {
	*rig
	policy          string // of both
	builder, reader aws.Credentials
}

// TestManager runs the real program behind a Function URL, with signatures and policies checked. The parts build on each other.
func TestManager(t *testing.T) {
	r := start(t)
	policy := string(cloudformation.Policy("builder", &r.config, r.AccountID))
	k := &team{r, policy, r.User(t, "builder", policy), r.User(t, "reader", policy)}
	t.Run("ColdStart", k.coldStart)
	t.Run("WhoIsRefused", k.whoIsRefused)
	t.Run("TenUpsAtOnce", k.tenUpsAtOnce)
	t.Run("StatusCallsFewerThanTen", k.statusCallsFewerThanTen)
	t.Run("ThrottledTwice", k.throttledTwice)
	t.Run("TheTickLeavesWhatIsUsed", k.theTickLeavesWhatIsUsed)
	t.Run("TheTickEndsWhatIsNot", k.theTickEndsWhatIsNot)
	t.Run("KilledInTheMiddleOfUp", k.killedInTheMiddleOfUp)
	t.Run("Down", k.down)
	t.Run("WithoutTheLogGroupAndTheImages", k.withoutTheLogGroupAndTheImages)
	t.Run("WithTasksThatEnd", k.withTasksThatEnd)
	t.Run("AndAgainWithThem", k.andAgainWithThem)
}

func (k *team) whoIsRefused(t *testing.T) {
	wrong := k.builder
	wrong.SecretAccessKey = "wrong"
	for name, keys := range map[string]aws.Credentials{"Unsigned": {}, "WrongSecret": wrong, "WithoutAPolicy": k.User(t, "nobody")} {
		if a := k.call(t, keys, "GET", "/status", ""); a.status != http.StatusForbidden || strings.Contains(a.body, `"code"`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if e := k.call(t, k.reader, "POST", "/up", "").refused(t); e.Code != "forbidden" || e.Needed != api.RoleBuilder {
		t.Errorf("a reader: %+v", e)
	}
	if e := k.call(t, k.User(t, "stranger", k.policy), "GET", "/status", "").refused(t); e.Code != "forbidden" || e.Needed != api.RoleReader {
		t.Errorf("somebody whom no pattern matches: %+v", e)
	}
	if e := k.call(t, k.builder, "POST", "/up", `{"wrokers":1}`).refused(t); e.Code != "bad_request" {
		t.Errorf("a misspelt field: %+v", e)
	}
}

func (k *team) tenUpsAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { k.call(t, k.builder, "POST", "/up", `{"workers":3}`).told(t) })
	}
	wg.Wait()
	var s api.Status
	wait(t, "the cluster to be up", func() bool {
		s = k.call(t, k.reader, "GET", "/status?tasks=true", "").told(t)
		return s.State == api.StateUp && s.Workers.Running == 3
	})
	if len(s.Server.Tasks) != 1 || len(s.Workers.Tasks) != 3 || !strings.HasPrefix(s.Endpoint, "grpcs://127.") || !strings.HasSuffix(s.By, ":user/builder") {
		t.Errorf("got %+v", s)
	}
	if len(s.Server.Failures)+len(s.Workers.Failures) > 0 || s.Problem != "" {
		t.Errorf("failures %+v %+v, problem %q", s.Server.Failures, s.Workers.Failures, s.Problem)
	}
}

func (k *team) theTickLeavesWhatIsUsed(t *testing.T) {
	k.tick(t)
	if s := k.call(t, k.reader, "GET", "/status", "").told(t); s.Server.Desired != 1 {
		t.Errorf("got %+v", s)
	}
}

func (k *team) theTickEndsWhatIsNot(t *testing.T) {
	long := time.Now().Add(-2 * time.Hour)
	k.save(t, state.UpKey(cluster), state.Up{At: long, Asked: long, By: "somebody", Workers: 3})
	k.tick(t)
	wait(t, "the cluster to be down", func() bool { return k.call(t, k.reader, "GET", "/status", "").told(t).State == api.StateDown })
}

func (k *team) down(t *testing.T) {
	k.call(t, k.builder, "POST", "/down", `{"to":1}`).told(t)
	wait(t, "one worker", func() bool { return k.call(t, k.reader, "GET", "/status", "").told(t).Workers.Running == 1 })
	k.call(t, k.builder, "POST", "/down", "").told(t)
	wait(t, "the cluster to be down", func() bool { return k.call(t, k.reader, "GET", "/status", "").told(t).State == api.StateDown })
}
