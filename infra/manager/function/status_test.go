package function_test

import (
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// TestCalls counts what a manager that has just started calls for a status at 200 workers.
func TestCalls(t *testing.T) {
	r := start(t)
	r.Edit(func() {
		r.Services[testcloud.Server].DesiredCount, r.Services[testcloud.Workers].DesiredCount = 1, 200
		r.Settle(testcloud.Server)
		r.Settle(testcloud.Workers)
	})
	e := request("GET", "/status", reader, "")
	e.QueryStringParameters = map[string]string{"tasks": "true"}
	s := call(t, r.Function, e).told(t)
	if s.State != api.StateUp || len(s.Workers.Tasks) != 200 || s.Endpoint == "" {
		t.Errorf("%s, %d tasks, at %q", s.State, len(s.Workers.Tasks), s.Endpoint)
	}
	if calls := r.Calls(); len(calls) > 8 {
		t.Errorf("%d calls: %v", len(calls), calls)
	}
	call(t, r.Function, e)
	if calls := r.Calls(); len(calls) > 5 {
		t.Errorf("the second time %d calls: %v", len(calls), calls)
	}
}
