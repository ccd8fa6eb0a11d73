package state_test

import (
	"errors"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestDeployed(t *testing.T) {
	t.Run("WhenThereIsNone", func(t *testing.T) {
		_, s, _ := open(t)
		if _, err := s.Deployed(t.Context()); !errors.Is(err, state.ErrNotDeployed) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("IsAskedForOnceAMinute", func(t *testing.T) {
		c, s, k := open(t)
		deploy(c, 1)
		for _, step := range []struct {
			name  string
			at    time.Duration
			max   int
			calls int
		}{
			{"first", 0, 1, 1},
			{"again", 0, 1, 0},
			{"after a minute", 61 * time.Second, 1, 1}, // not modified
			{"and again", 62 * time.Second, 1, 0},
		} {
			k.now = noon.Add(step.at)
			d, err := s.Deployed(t.Context())
			if err != nil || d.Config.Workers.Max != step.max {
				t.Fatalf("%s: got %+v, %v", step.name, d, err)
			}
			if calls := c.Calls(); len(calls) != step.calls {
				t.Errorf("%s: calls %v", step.name, calls)
			}
		}
		deploy(c, 2)
		k.now = k.now.Add(2 * time.Minute)
		if d, err := s.Deployed(t.Context()); err != nil || d.Config.Workers.Max != 2 {
			t.Errorf("got %+v, %v", d, err)
		}
	})
	t.Run("WhenItWasDeleted", func(t *testing.T) {
		c, s, k := open(t)
		deploy(c, 1)
		if _, err := s.Deployed(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Edit(func() { clear(c.Objects) })
		k.now = k.now.Add(2 * time.Minute)
		if _, err := s.Deployed(t.Context()); !errors.Is(err, state.ErrNotDeployed) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("WhenItMayNotBeRead", func(t *testing.T) {
		c, s, _ := open(t)
		c.Fail("GetObject "+state.ConfigKey(testcloud.Cluster), testcloud.Status(403, "AccessDenied"))
		if _, err := s.Deployed(t.Context()); err == nil || errors.Is(err, state.ErrNotDeployed) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("WhenItIsDamaged", func(t *testing.T) {
		c, s, _ := open(t)
		c.Save(state.ConfigKey(testcloud.Cluster), "a string")
		if _, err := s.Deployed(t.Context()); err == nil || errors.Is(err, state.ErrNotDeployed) {
			t.Errorf("got %v", err)
		}
	})
}
