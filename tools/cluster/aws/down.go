package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// DownRequest says how far down.
type DownRequest struct {
	To       int           // workers; none takes the server down too
	Patience time.Duration // 0 is 5 minutes; Fargate gives a task 2 to end
	Progress progress.Func
}

// DownResult is what is left.
type DownResult struct {
	api.Status
	Stopped int `json:"stopped"` // tasks that were to run before and aren't now
}

// Down takes workers away, or everything, and returns when no more tasks run than are wanted. When somebody wants more again meanwhile, that is
// an error: what was asked for isn't so.
func (c *Cluster) Down(ctx context.Context, r DownRequest) (DownResult, error) {
	before, _, err := c.ask(ctx, func(m *manager.Client) (api.Status, error) { return m.Status(ctx, false) })
	if err != nil {
		return DownResult{}, err
	}
	asked, m, err := c.ask(ctx, func(m *manager.Client) (api.Status, error) { return m.Down(ctx, api.DownRequest{To: r.To}) })
	if err != nil {
		return DownResult{}, interrupted(ctx, err, "the manager may have been asked already: then tasks go on stopping")
	}
	res := DownResult{Status: asked, Stopped: max(0, wanted(before)-wanted(asked))}
	done := func(s api.Status) (bool, error) { return stopped(s), raised(before, s, r.To) }
	if ok, err := done(asked); ok || err != nil {
		return res, err
	}
	w := waiting{client: m, tell: r.Progress, last: asked, limit: r.Patience, seen: map[string]string{}}
	if w.limit == 0 {
		w.limit = 5 * time.Minute
	}
	res.Status, err = w.until(ctx, done)
	if err != nil {
		return res, interrupted(ctx, err, "tasks go on stopping")
	}
	return res, nil
}

func wanted(s api.Status) int { return s.Server.Desired + s.Workers.Desired }

func stopped(s api.Status) bool {
	return s.Server.Running+s.Server.Pending <= s.Server.Desired && s.Workers.Running+s.Workers.Pending <= s.Workers.Desired
}

// raised says that more is wanted than was asked for: somebody has called up.
func raised(before, now api.Status, to int) error {
	if now.Workers.Desired <= to && (to > 0 || now.Server.Desired == 0) {
		return nil
	}
	down := cluster.Command("down")
	if to > 0 {
		down = cluster.Command("down", fmt.Sprintf("--to=%d", to))
	}
	next := cluster.Command("status") + " shows what runs; " + down + " takes it down nevertheless"
	if to > 0 {
		return cluster.WithNext(fmt.Errorf("somebody has asked for %d workers after you asked for %d", now.Workers.Desired, to), next)
	}
	who := "somebody"
	if now.Since != nil && (before.Since == nil || !now.Since.Equal(*before.Since)) {
		who = now.By
	}
	return cluster.WithNext(fmt.Errorf("%s has brought the cluster up again meanwhile, with %d workers", who, now.Workers.Desired), next)
}
