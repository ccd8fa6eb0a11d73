//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// TestUpMakesFewCalls counts what is asked of AWS from zero to three running workers, by the user and by the manager.
func TestUpMakesFewCalls(t *testing.T) {
	t.Parallel()
	k := newTeam(t)
	operator := k.operator()
	k.must(operator, "setup")
	k.cloud.ClearRequests(t)
	k.must(operator, "up", "--workers=3")
	var calls []string
	for _, r := range k.cloud.Requests(t) {
		if strings.HasSuffix(r.Caller, ":user/operator") || strings.Contains(r.Caller, "-manager/") {
			calls = append(calls, r.Checks[0].Action)
		}
	}
	t.Logf("%d calls: %s", len(calls), strings.Join(calls, " "))
	if len(calls) == 0 || len(calls) >= 25 {
		t.Errorf("%d calls", len(calls))
	}
	k.is(api.StateUp, 1, 3)
}
