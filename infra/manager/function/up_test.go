package function_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// saved is the state in the bucket.
func (r *rig) saved(t *testing.T) (up state.Up) {
	t.Helper()
	if err := json.Unmarshal(r.Objects[state.UpKey(testcloud.Cluster)].Data, &up); err != nil {
		t.Fatal(err)
	}
	return up
}

func TestUp(t *testing.T) {
	t.Run("FromZero", func(t *testing.T) {
		r := start(t)
		s := call(t, r.Function, request("POST", "/up", builder, "")).told(t)
		if s.State != api.StateStarting || s.Server.Desired != 1 || s.Workers.Desired != 4 || s.By != builder || !s.Since.Equal(noon) {
			t.Errorf("got %+v", s)
		}
		if s.Workers.Memory != 8192 || s.Workers.Disk != 50 || s.Server.CPU != 2 || s.Server.Disk != 20 {
			t.Errorf("sizes %+v %+v", s.Server, s.Workers)
		}
		if up := r.saved(t); up.By != builder || !up.At.Equal(noon) || up.Workers != 4 {
			t.Errorf("saved %+v", up)
		}
		if calls := r.Calls(); len(calls) > 8 {
			t.Errorf("%d calls: %v", len(calls), calls)
		}
		if r.Forced[testcloud.Server] != 1 || r.Forced[testcloud.Workers] != 1 {
			t.Errorf("deployments %v", r.Forced)
		}
	})
	t.Run("AgainWithMoreWorkers", func(t *testing.T) {
		r := start(t)
		call(t, r.Function, request("POST", "/up", builder, "")).told(t)
		r.wait(time.Hour)
		s := call(t, r.Function, request("POST", "/up", admin, `{"workers":9}`)).told(t)
		if s.Workers.Desired != 9 || s.By != builder || !s.Since.Equal(noon) {
			t.Errorf("got %+v", s)
		}
		if up := r.saved(t); up.By != builder || !up.At.Equal(noon) || up.Workers != 9 || !up.Asked.Equal(noon.Add(time.Hour)) {
			t.Errorf("saved %+v", up)
		}
		if r.Forced[testcloud.Workers] != 1 {
			t.Errorf("tasks that ran were replaced: %v", r.Forced)
		}
		s = call(t, r.Function, request("POST", "/up", admin, "")).told(t)
		if s.Workers.Desired != 9 {
			t.Errorf("without a number %d workers are wanted, want as many as before", s.Workers.Desired)
		}
	})
	t.Run("WhenItIsUp", func(t *testing.T) {
		r := start(t)
		call(t, r.Function, request("POST", "/up", builder, "")).told(t)
		r.Edit(func() { r.Settle(testcloud.Server); r.Settle(testcloud.Workers) })
		r.Calls()
		s := call(t, r.Function, request("POST", "/up", builder, "")).told(t)
		if s.State != api.StateUp || s.Endpoint != "grpcs://"+testcloud.PublicIP+":8980" {
			t.Errorf("got %+v", s)
		}
		if calls := r.Calls(); len(calls) > 8 {
			t.Errorf("%d calls: %v", len(calls), calls)
		}
	})
	t.Run("WithAStateFromLastTime", func(t *testing.T) {
		r := start(t)
		call(t, r.Function, request("POST", "/up", builder, `{"workers":9}`)).told(t)
		call(t, r.Function, request("POST", "/down", builder, "")).told(t)
		r.wait(time.Hour)
		s := call(t, r.Function, request("POST", "/up", admin, "")).told(t)
		if s.Workers.Desired != 4 || s.By != admin || !s.Since.Equal(noon.Add(time.Hour)) {
			t.Errorf("got %+v", s)
		}
	})
	t.Run("WhenMoreRunThanAreAllowedNow", func(t *testing.T) {
		r := start(t)
		r.Edit(func() { r.Services[testcloud.Server].DesiredCount, r.Services[testcloud.Workers].DesiredCount = 1, 60 })
		if s := call(t, r.Function, request("POST", "/up", builder, "")).told(t); s.Workers.Desired != 40 {
			t.Errorf("got %+v", s.Workers)
		}
	})
	t.Run("WhenECSHasGivenUp", func(t *testing.T) {
		r := start(t)
		call(t, r.Function, request("POST", "/up", builder, "")).told(t)
		r.Edit(func() {
			r.Services[testcloud.Workers].Deployments[0].RolloutState = types.DeploymentRolloutStateFailed
		})
		call(t, r.Function, request("POST", "/up", builder, "")).told(t)
		if r.Forced[testcloud.Server] != 1 || r.Forced[testcloud.Workers] != 2 {
			t.Errorf("deployments %v; want another one of the workers only", r.Forced)
		}
	})
	t.Run("Forced", func(t *testing.T) {
		r := start(t)
		call(t, r.Function, request("POST", "/up", admin, "")).told(t)
		call(t, r.Function, request("POST", "/up", admin, `{"force":true}`)).told(t)
		if r.Forced[testcloud.Server] != 2 || r.Forced[testcloud.Workers] != 2 {
			t.Errorf("deployments %v", r.Forced)
		}
	})
	t.Run("WhenTheStateCantBeWritten", func(t *testing.T) {
		r := start(t)
		r.Fail("PutObject "+state.UpKey(testcloud.Cluster), testcloud.Status(500, "InternalError"))
		if a := call(t, r.Function, request("POST", "/up", builder, "")); a.status != 500 {
			t.Errorf("got %d", a.status)
		}
		if r.Services[testcloud.Server].DesiredCount != 0 {
			t.Error("it was brought up nevertheless; the next tick would take it down")
		}
	})
}
