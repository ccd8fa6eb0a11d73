package function_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name, op string
		err      error
		status   int
		code     string
		want     string
	}{
		{"Throttled", "DescribeServices", &retry.MaxAttemptsError{Attempt: 6, Err: testcloud.Refused("ThrottlingException")}, 503, "throttled", "ThrottlingException"},
		{"Denied", "DescribeServices", testcloud.Refused("AccessDeniedException"), 500, "denied", "own role"},
		{"Refused", "DescribeServices", testcloud.Refused("ServerException"), 500, "aws", "request-1"},
		{"Unreadable", "GetObject bbf/acme/state/up.json", testcloud.Status(403, "AccessDenied"), 500, "denied", "up.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			r.Fail(c.op, c.err)
			a := call(t, r.Function, request("GET", "/status", reader, ""))
			if e := a.refused(t); a.status != c.status || e.Code != c.code || !strings.Contains(e.Message, c.want) || e.Next == "" {
				t.Errorf("got %d %+v", a.status, e)
			}
			if a := call(t, r.Function, request("GET", "/status", reader, "")); a.status != 200 {
				t.Errorf("after the fault: %d %s", a.status, a.body)
			}
		})
	}
	t.Run("NotSetUp", func(t *testing.T) {
		r := start(t)
		r.Edit(func() { clear(r.Objects) })
		a := call(t, r.Function, request("GET", "/status", reader, ""))
		if e := a.refused(t); a.status != 409 || e.Code != "not_set_up" || e.Next != "bbf setup" {
			t.Errorf("got %d %+v", a.status, e)
		}
	})
	t.Run("ServicesAreMissing", func(t *testing.T) {
		r := start(t)
		r.Edit(func() { clear(r.Services) })
		a := call(t, r.Function, request("POST", "/up", admin, ""))
		if e := a.refused(t); a.status != 409 || e.Code != "not_set_up" {
			t.Errorf("got %d %+v", a.status, e)
		}
	})
	t.Run("APanic", func(t *testing.T) {
		r := start(t)
		r.Before = func(op string) {
			if op == "DescribeServices" {
				panic("oops")
			}
		}
		a := call(t, r.Function, request("GET", "/status", reader, ""))
		if e := a.refused(t); a.status != 500 || !strings.Contains(e.Message, "request-1") || strings.Contains(e.Message, "oops") {
			t.Errorf("got %d %+v", a.status, e)
		}
		if log := r.log.String(); !strings.Contains(log, `"panic"`) || !strings.Contains(log, "oops") || !strings.Contains(log, "request-1") {
			t.Errorf("the log doesn't tell: %s", log)
		}
		if _, err := invoke(t, r.Function, map[string]string{"bbf": "tick"}); err == nil {
			t.Error("a tick that panics ends well")
		}
		r.Before = nil
		if a := call(t, r.Function, request("GET", "/status", reader, "")); a.status != 200 {
			t.Errorf("after the panic: %d", a.status)
		}
	})
}
