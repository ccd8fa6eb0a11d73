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

// UpRequest is what is to be up.
type UpRequest struct {
	Workers  *int          // nil: as many as run, or the default of bbf.yaml
	Force    bool          // replace all tasks by new ones
	Patience time.Duration // 0 is 15 minutes
	Progress progress.Func
}

// UpResult is what is up.
type UpResult struct {
	api.Status
	Started     bool     `json:"started"` // something had to be started
	TookSeconds float64  `json:"tookSeconds"`
	Notes       []string `json:"notes"`
}

const patience = 15 * time.Minute

// Up brings the cluster up and returns when the server and all workers that are wanted run. When ctx ends before that, the cluster goes on
// starting: the manager was asked once, and needs nobody to wait.
func (c *Cluster) Up(ctx context.Context, r UpRequest) (UpResult, error) {
	start := time.Now()
	res := UpResult{Notes: c.notes(ctx)}
	asked, m, err := c.ask(ctx, func(m *manager.Client) (api.Status, error) {
		return m.Up(ctx, api.UpRequest{Workers: r.Workers, Force: r.Force})
	})
	if err != nil {
		return res, interrupted(ctx, err, "the manager may have been asked already: then the cluster goes on starting")
	}
	w := waiting{client: m, tell: r.Progress, last: asked, limit: r.Patience, seen: map[string]string{}}
	if w.limit == 0 {
		w.limit = patience
	}
	// The first answer tells of counts only: the endpoint is known when the server is looked at.
	res.Started = !complete(asked) || r.Force
	res.Status, err = w.untilUp(ctx)
	res.TookSeconds = time.Since(start).Seconds()
	if err != nil {
		return res, interrupted(ctx, err, "the cluster goes on starting")
	}
	if now, mine := res.Workers.Desired, asked.Workers.Desired; now != mine {
		res.Notes = append(res.Notes, fmt.Sprintf("workers wanted now: %d; somebody has asked for that after you asked for %d", now, mine))
	}
	if !complete(res.Status) {
		res.Notes = append(res.Notes, fmt.Sprintf("%d of %d workers run: %s", res.Workers.Running, res.Workers.Desired, res.Problem))
	}
	return res, nil
}

// complete says whether all that is wanted runs.
func complete(s api.Status) bool {
	return s.Server.Desired > 0 && s.Server.Running >= s.Server.Desired && s.Workers.Running >= s.Workers.Desired
}

// interrupted says what goes on without us when ctx has ended, by Ctrl-C mostly.
func interrupted(ctx context.Context, err error, what string) error {
	if ctx.Err() == nil {
		return err
	}
	return cluster.WithNext(fmt.Errorf("interrupted; %s: %w", what, context.Cause(ctx)),
		cluster.Command("up")+" waits for it again, "+cluster.Command("down")+" takes it down")
}
