package function_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestTenAtOnce(t *testing.T) {
	for round := range 20 {
		r := start(t)
		var wg sync.WaitGroup
		for i := range 10 {
			f, body := r.another(), ""
			if i%2 == 0 {
				body = `{"workers":6}`
			}
			wg.Go(func() {
				if a := call(t, f, request("POST", "/up", builder, body)); a.status != 200 {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		wg.Wait()
		if r.Forced[testcloud.Server] != 1 || r.Forced[testcloud.Workers] > 1 {
			t.Errorf("round %d: deployments %v; want one", round, r.Forced)
		}
		if s := r.Services; s[testcloud.Server].DesiredCount != 1 || s[testcloud.Workers].DesiredCount != 6 {
			t.Errorf("round %d: %d servers and %d workers are wanted", round, s[testcloud.Server].DesiredCount, s[testcloud.Workers].DesiredCount)
		}
	}
}

func TestKilledInTheMiddle(t *testing.T) {
	for _, op := range []string{"CreateLogGroup", "UpdateService server", "UpdateService workers"} {
		t.Run("At"+strings.ReplaceAll(op, " ", ""), func(t *testing.T) {
			r := start(t)
			r.Fail(op, testcloud.Refused("Killed"))
			if a := call(t, r.another(), request("POST", "/up", builder, `{"workers":9}`)); a.status != 500 {
				t.Fatalf("got %d", a.status)
			}
			s := call(t, r.another(), request("POST", "/up", builder, `{"workers":9}`)).told(t)
			if s.Server.Desired != 1 || s.Workers.Desired != 9 {
				t.Errorf("got %+v", s)
			}
		})
	}
}

func TestSomebodyElseIsAlwaysFaster(t *testing.T) {
	r := start(t)
	lost := 0
	r.Before = func(op string) {
		if strings.HasPrefix(op, "PutObject") { // and is killed each time
			lost++
			r.Save(state.UpKey(testcloud.Cluster), state.Up{By: "somebody"})
		}
	}
	s := call(t, r.Function, request("POST", "/up", builder, "")).told(t)
	if lost < 2 || s.Server.Desired != 1 || s.Workers.Desired != 4 {
		t.Errorf("after %d tries: %+v", lost, s)
	}
}
