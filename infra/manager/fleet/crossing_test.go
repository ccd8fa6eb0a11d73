package fleet_test

import (
	"testing"

	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

// TestCrossing lets a down happen between any two calls of an up, and the other way round: workers are never left without a server.
func TestCrossing(t *testing.T) {
	run := func(t *testing.T, outerUp bool, at int) bool {
		c, f := start(t)
		if !outerUp {
			wanted(c, 1, 2)
		}
		inner := fleet.New(c, c, c, fleet.Names{Cluster: testcloud.Cluster, Server: testcloud.Server, Workers: testcloud.Workers, LogGroup: testcloud.LogGroup})
		change := func(f *fleet.Fleet, up bool) {
			now, err := f.Services(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if up {
				err = f.Up(t.Context(), now, want(2, false))
			} else {
				err = f.Down(t.Context(), now, 0)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		calls, crossed := 0, false
		c.Before = func(string) {
			if calls++; calls == at {
				crossed = true
				change(inner, !outerUp)
			}
		}
		change(f, outerUp)
		if c.Services[testcloud.Server].DesiredCount == 0 && c.Services[testcloud.Workers].DesiredCount > 0 {
			t.Errorf("crossed at call %d: workers without a server", at)
		}
		return crossed
	}
	for name, outerUp := range map[string]bool{"ADownInsideAnUp": true, "AnUpInsideADown": false} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for at := 1; run(t, outerUp, at); at++ {
				n++
			}
			if n < 4 {
				t.Errorf("only %d places to cross", n)
			}
		})
	}
}
