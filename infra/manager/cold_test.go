package main_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
)

func (k *team) coldStart(t *testing.T) {
	best := time.Hour
	for range 3 {
		var first answer
		wait(t, "the manager to be started again", func() bool { // a call may still be given to the dead one: then it doesn't count
			k.KillLambda(t, "acme-manager")
			first = k.call(t, k.reader, "GET", "/status", "")
			return first.status != http.StatusBadGateway
		})
		if s := first.told(t); s.State != api.StateDown || s.Caller.Role != api.RoleReader || s.Cluster != cluster {
			t.Errorf("got %+v", s)
		}
		t.Logf("cold: %v, warm: %v", first.took, k.call(t, k.reader, "GET", "/status", "").took)
		best = min(best, first.took)
	}
	if best > 300*time.Millisecond {
		t.Errorf("the first answer takes %v, start and calls of AWS included", best)
	}
}

func (k *team) statusCallsFewerThanTen(t *testing.T) {
	k.KillLambda(t, "acme-manager")
	k.ClearRequests(t)
	k.call(t, k.reader, "GET", "/status?tasks=true", "").told(t)
	var calls []string
	for _, q := range k.Requests(t) {
		calls = append(calls, q.Checks[0].Action)
	}
	if len(calls) >= 10 {
		t.Errorf("%d calls: %v", len(calls), calls)
	}
	t.Logf("%d calls: %v", len(calls), calls)
}
