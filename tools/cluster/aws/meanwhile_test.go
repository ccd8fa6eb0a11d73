package aws_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster"
)

func TestDownWhileAnUpWaits(t *testing.T) {
	t.Run("ForAll", func(t *testing.T) {
		s := newShells(t)
		s.whileWaiting("/up", func() {
			if _, err := s.down(t, 0); err != nil {
				t.Errorf("down: %v", err)
			}
		})
		_, err := s.up(t, 3)
		if err == nil || !strings.Contains(err.Error(), "somebody has taken the cluster down meanwhile") || cluster.Next(err) != "bbf up" {
			t.Errorf("up: %v; next: %s", err, cluster.Next(err))
		}
	})
	t.Run("ForSome", func(t *testing.T) {
		s := newShells(t)
		s.whileWaiting("/up", func() {
			if _, err := s.down(t, 1); err != nil {
				t.Errorf("down: %v", err)
			}
			s.settle()
		})
		res, err := s.up(t, 3)
		if err != nil || res.Workers.Running != 1 || !strings.Contains(strings.Join(res.Notes, "\n"), "workers wanted now: 1; somebody has asked for that after you asked for 3") {
			t.Errorf("up: %+v, %v", res, err)
		}
	})
}

func TestUpWhileADownWaits(t *testing.T) {
	for name, test := range map[string]struct {
		to         int
		says, next string
	}{
		"ForAll":  {0, ann + " has brought the cluster up again meanwhile, with 3 workers", "bbf down takes it down"},
		"ForSome": {1, "somebody has asked for 3 workers after you asked for 1", "bbf down --to=1 takes it down"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShells(t)
			s.whileWaiting("/up", s.settle)
			if _, err := s.up(t, 2); err != nil {
				t.Fatal(err)
			}
			s.whileWaiting("/down", func() {
				s.whileWaiting("/up", s.settle)
				if _, err := s.up(t, 3); err != nil {
					t.Errorf("up: %v", err)
				}
			})
			_, err := s.down(t, test.to)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(cluster.Next(err), test.next) {
				t.Errorf("down: %v; next: %s", err, cluster.Next(err))
			}
		})
	}
}
