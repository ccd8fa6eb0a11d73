package function_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestTick(t *testing.T) {
	const limit = 35 * time.Minute // idle, 20 minutes by default, and 15
	up := func(r *rig) { call(t, r.Function, request("POST", "/up", builder, "")).told(t) }
	active := func(r *rig, at time.Time) { r.Save(state.ActivityKey(testcloud.Cluster), state.Activity{At: at}) }
	for _, c := range []struct {
		name  string
		setup func(*rig)
		stays bool
	}{
		{"JustBroughtUp", func(r *rig) { up(r); r.wait(limit) }, true},
		{"NeverUsed", func(r *rig) { up(r); r.wait(limit + time.Second) }, false},
		{"UsedLately", func(r *rig) { up(r); r.wait(5 * time.Hour); active(r, r.now().Add(-limit)) }, true},
		{"NotUsedLately", func(r *rig) { up(r); r.wait(5 * time.Hour); active(r, r.now().Add(-limit-time.Second)) }, false},
		{"BroughtUpAfterTheLastUse", func(r *rig) { active(r, noon.Add(-24*time.Hour)); up(r); r.wait(time.Minute) }, true},
		{"AskedForAgain", func(r *rig) { up(r); r.wait(5 * time.Hour); up(r); r.wait(limit) }, true},
		{"BroughtUpByHand", func(r *rig) {
			r.Edit(func() {
				s := r.Services[testcloud.Server]
				at := noon
				s.DesiredCount, s.Deployments[0].UpdatedAt = 1, &at
			})
			r.wait(limit)
		}, true},
		{"BroughtUpByHandLongAgo", func(r *rig) { r.Edit(func() { r.Services[testcloud.Server].DesiredCount = 1 }) }, false},
		{"WorkersWithoutAServer", func(r *rig) { up(r); r.Edit(func() { r.Services[testcloud.Server].DesiredCount = 0 }) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			c.setup(r)
			if _, err := invoke(t, r.Function, map[string]string{"bbf": "tick"}); err != nil {
				t.Fatal(err)
			}
			wanted := r.Services[testcloud.Server].DesiredCount + r.Services[testcloud.Workers].DesiredCount
			if (wanted > 0) != c.stays {
				t.Errorf("%d tasks are wanted; stays is %v", wanted, c.stays)
			}
			if logged := strings.Contains(r.log.String(), "taken down"); logged == c.stays {
				t.Errorf("the log: %s", r.log.String())
			}
		})
	}
	t.Run("WhenItIsDown", func(t *testing.T) {
		r := start(t)
		if _, err := invoke(t, r.Function, map[string]string{"bbf": "tick"}); err != nil {
			t.Fatal(err)
		}
		if calls := r.Calls(); len(calls) != 2 {
			t.Errorf("calls %v; it costs every quarter of an hour", calls)
		}
	})
	t.Run("WhenTheLastUseCantBeRead", func(t *testing.T) {
		r := start(t)
		up(r)
		r.wait(5 * time.Hour)
		r.Fail("GetObject "+state.ActivityKey(testcloud.Cluster), testcloud.Status(500, "InternalError"))
		if _, err := invoke(t, r.Function, map[string]string{"bbf": "tick"}); err == nil {
			t.Error("no error")
		}
		if r.Services[testcloud.Server].DesiredCount != 1 {
			t.Error("it was taken down on a guess")
		}
	})
	t.Run("WhenTheClusterIsHalfSetUp", func(t *testing.T) {
		for _, undo := range []func(*rig){
			func(r *rig) { clear(r.Objects) },
			func(r *rig) { clear(r.Services) },
		} {
			r := start(t)
			r.Edit(func() { undo(r) })
			if _, err := invoke(t, r.Function, map[string]string{"bbf": "tick"}); err != nil {
				t.Errorf("it fails, and Lambda tries again: %v", err)
			}
		}
	})
}
