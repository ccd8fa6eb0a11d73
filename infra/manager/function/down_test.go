package function_test

import (
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestDown(t *testing.T) {
	r := start(t)
	call(t, r.Function, request("POST", "/up", builder, "")).told(t)
	r.Edit(func() { r.Settle(testcloud.Server); r.Settle(testcloud.Workers) })
	if s := call(t, r.Function, request("POST", "/down", builder, `{"to":2}`)).told(t); s.Workers.Desired != 2 || s.Server.Desired != 1 || s.Since == nil {
		t.Errorf("got %+v", s)
	}
	s := call(t, r.Function, request("POST", "/down", builder, "")).told(t)
	if s.State != api.StateStopping || s.Workers.Desired != 0 || s.Server.Desired != 0 || s.Since != nil || s.By != "" {
		t.Errorf("got %+v", s)
	}
	r.Edit(func() { r.Settle(testcloud.Server); r.Settle(testcloud.Workers) })
	if s := call(t, r.Function, request("POST", "/down", builder, "")).told(t); s.State != api.StateDown {
		t.Errorf("got %+v", s)
	}
}
