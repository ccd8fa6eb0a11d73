package state_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestClaim(t *testing.T) {
	t.Run("TheFirstOfTwoWins", func(t *testing.T) {
		c, s, k := open(t)
		other := state.New(c, testcloud.Bucket, testcloud.Cluster, func() time.Time { return k.now })
		for round := range 2 { // without and with a state before
			for _, store := range []*state.Store{s, other} {
				if _, err := store.Up(t.Context(), 0); err != nil {
					t.Fatal(err)
				}
			}
			if won, err := s.Claim(t.Context(), state.Up{By: "first", Workers: round}); !won || err != nil {
				t.Errorf("round %d: the first: %v, %v", round, won, err)
			}
			if won, err := other.Claim(t.Context(), state.Up{By: "second"}); won || err != nil {
				t.Errorf("round %d: the second: %v, %v", round, won, err)
			}
			up, err := other.Up(t.Context(), time.Hour)
			if err != nil || up.By != "first" || up.Workers != round {
				t.Errorf("round %d: got %+v, %v", round, up, err)
			}
		}
	})
	t.Run("WhenTheStateIsDeletedMeanwhile", func(t *testing.T) {
		c, s, _ := open(t)
		if _, err := s.Claim(t.Context(), state.Up{}); err != nil {
			t.Fatal(err)
		}
		c.Edit(func() { clear(c.Objects) })
		if won, err := s.Claim(t.Context(), state.Up{}); won || err != nil {
			t.Errorf("got %v, %v", won, err)
		}
		if up, err := s.Up(t.Context(), 0); err != nil || up != (state.Up{}) {
			t.Errorf("got %+v, %v", up, err)
		}
		if won, err := s.Claim(t.Context(), state.Up{}); !won || err != nil {
			t.Errorf("got %v, %v", won, err)
		}
	})
}

func TestUpIsRemembered(t *testing.T) {
	c, s, k := open(t)
	if _, err := s.Claim(t.Context(), state.Up{By: "me"}); err != nil {
		t.Fatal(err)
	}
	c.Calls()
	for _, step := range []struct {
		after, maxAge time.Duration
		want          []string
	}{
		{10 * time.Second, 30 * time.Second, nil},
		{40 * time.Second, 30 * time.Second, []string{"GetObject bbf/acme/state/up.json"}},
		{40 * time.Second, 0, []string{"GetObject bbf/acme/state/up.json"}},
	} {
		k.now = noon.Add(step.after)
		up, err := s.Up(t.Context(), step.maxAge)
		if calls := c.Calls(); err != nil || up.By != "me" || !slices.Equal(calls, step.want) {
			t.Errorf("after %v: got %+v, %v with calls %v", step.after, up, err, calls)
		}
	}
}

func TestActivity(t *testing.T) {
	c, s, _ := open(t)
	if at, err := s.Activity(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("without one: %v, %v", at, err)
	}
	c.Save(state.ActivityKey(testcloud.Cluster), state.Activity{At: noon})
	if at, err := s.Activity(t.Context()); err != nil || !at.Equal(noon) {
		t.Errorf("got %v, %v", at, err)
	}
	c.Fail("GetObject "+state.ActivityKey(testcloud.Cluster), testcloud.Status(403, "AccessDenied"))
	if _, err := s.Activity(t.Context()); err == nil {
		t.Error("a refusal was taken for no activity, which would end builds")
	}
}
