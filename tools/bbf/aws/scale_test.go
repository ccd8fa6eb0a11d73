//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

// TestStatusOfTwoHundredWorkers counts what the manager asks of AWS, which limits how often it may be asked. How long the command takes is
// printed only: it depends on what else this machine does.
func TestStatusOfTwoHundredWorkers(t *testing.T) {
	// A task is looked at until it is healthy, and then no more in this test: 200 health checks ten times a second are more than a machine has.
	k := newTeamIn(t, standin.Start(t, standin.Options{Images: map[string]standin.ImageCommand{"example.com/": forever},
		Env: map[string]string{"AWSSIM_HEALTH_INTERVAL": "600"}}))
	k.write(config.File, strings.ReplaceAll(k.read(config.File), "max: 10, default: 2", "max: 200, default: 200"))
	operator := k.operator()
	k.must(operator, "setup")
	var up aws.UpResult
	k.json(operator, &up, "up")
	if up.Workers.Running != 200 {
		t.Fatalf("%+v", up)
	}
	k.cloud.KillLambda(t, k.config.AWS.Function) // it remembers nothing then
	k.cloud.ClearRequests(t)
	start := time.Now()
	out := k.must(operator, "status")
	took := time.Since(start)
	if !strings.Contains(out, "200 running, 0 pending, 0 stopped, of 200 wanted") {
		t.Error(out)
	}
	var calls []string
	for _, r := range k.cloud.Requests(t) {
		if strings.Contains(r.Caller, ":assumed-role/bbf-acme-eu-central-1-manager/") {
			calls = append(calls, r.Checks[0].Action)
		}
	}
	if len(calls) == 0 || len(calls) >= 10 {
		t.Errorf("the manager makes %d calls: %v", len(calls), calls)
	}
	t.Logf("status took %v; the manager made %d calls: %v", took.Round(time.Millisecond), len(calls), calls)
}
