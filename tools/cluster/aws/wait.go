package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// second is the unit of the pauses between two looks; tests make it shorter.
var second = time.Second

// pauses between looks, in seconds; the last one is for all further ones.
var pauses = []time.Duration{1, 2, 3, 5}

// waiting asks the manager until its answer is the right one. Tasks cost the manager calls, so they are asked for only when the counts have
// changed, and every third time.
type waiting struct {
	client *manager.Client
	tell   progress.Func
	last   api.Status
	limit  time.Duration
	seen   map[string]string // what was told, by name
	looks  int
	stuck  int // looks with the same problem and no progress
}

// enough looks at the same problem: the workers that run are all that there will be.
const enough = 5

// untilUp waits for all that is wanted to run, or for the manager to say that it fails. When some workers run and the others can't, that is
// good enough. It doesn't wait at all when all runs already.
func (w *waiting) untilUp(ctx context.Context) (api.Status, error) {
	if w.last.State == api.StateUp && w.last.Endpoint != "" && complete(w.last) {
		w.show(w.last)
		return w.last, nil
	}
	return w.until(ctx, func(s api.Status) (bool, error) {
		switch {
		case s.State == api.StateFailing:
			return false, cluster.WithNext(fmt.Errorf("the cluster doesn't come up: %s", reason(s)),
				cluster.Command("status")+" shows more; "+cluster.Command("down")+" stops the attempts")
		case s.State == api.StateDown || s.State == api.StateStopping:
			return false, cluster.WithNext(errors.New("somebody has taken the cluster down meanwhile"), cluster.Command("up"))
		}
		return s.State == api.StateUp && s.Endpoint != "" && (complete(s) || w.stuck >= enough), nil
	})
}

func (w *waiting) until(ctx context.Context, done func(api.Status) (bool, error)) (api.Status, error) {
	w.service("server", w.last.Server)
	w.service("workers", w.last.Workers)
	deadline := time.Now().Add(w.limit)
	changed := true
	for {
		if err := w.pause(ctx); err != nil {
			return w.last, err
		}
		s, err := w.client.Status(ctx, changed || w.looks%3 == 0)
		if err != nil {
			return w.last, err
		}
		changed = counts(s) != counts(w.last)
		if w.stuck++; changed || s.Problem == "" || s.Problem != w.last.Problem {
			w.stuck = 0
		}
		w.last = s
		w.show(s)
		if ok, err := done(s); ok || err != nil {
			return s, err
		}
		if time.Now().After(deadline) {
			return s, cluster.WithNext(fmt.Errorf("after %s the cluster is still %s: %s", w.limit, s.State, reason(s)),
				"it goes on; "+cluster.Command("status")+" looks again")
		}
	}
}

func (w *waiting) pause(ctx context.Context) error {
	t := time.NewTimer(pauses[min(w.looks, len(pauses)-1)] * second)
	defer t.Stop()
	w.looks++
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// counts are all counts of a status.
func counts(s api.Status) [6]int {
	return [6]int{s.Server.Desired, s.Server.Pending, s.Server.Running, s.Workers.Desired, s.Workers.Pending, s.Workers.Running}
}

// reason says what is wrong, the manager's words before ECS's.
func reason(s api.Status) string {
	if s.Problem != "" {
		return s.Problem
	}
	for _, service := range []api.Service{s.Server, s.Workers} {
		if len(service.Failures) > 0 {
			return service.Failures[0].Reason
		}
	}
	return fmt.Sprintf("%d of %d servers and %d of %d workers run", s.Server.Running, s.Server.Desired, s.Workers.Running, s.Workers.Desired)
}
