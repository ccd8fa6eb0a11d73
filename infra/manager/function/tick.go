package function

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/state"
)

// grace is how much longer than the configured idle time nobody has built when the tick takes a cluster down. The gateway does so by itself in
// time; the tick is for when it can't.
const grace = 15 * time.Minute

// tick is the safety net: nothing that nobody uses stays up, whatever happens to the gateway, the server or a user's machine.
func (f *Function) tick(ctx context.Context, log *slog.Logger) error {
	deployed, err := f.Store.Deployed(ctx)
	if errors.Is(err, state.ErrNotDeployed) { // setup or teardown is under way
		return nil
	}
	if err != nil {
		return err
	}
	now, err := f.Fleet.Services(ctx)
	if errors.Is(err, fleet.ErrNotSetUp) {
		return nil
	}
	if err != nil || !now.Wanted() {
		return err
	}
	if now.Crossed() {
		log.Warn("workers without a server are taken down", "workers", now.Workers.DesiredCount)
		return f.Fleet.Down(ctx, now, 0)
	}
	up, err := f.Store.Up(ctx, 0)
	if err != nil {
		return err
	}
	activity, err := f.Store.Activity(ctx)
	if err != nil {
		return err
	}
	last := latest(up.At, up.Asked, activity)
	if last.IsZero() { // brought up past the manager: ECS knows when
		last = now.Server.Changed()
	}
	idle := f.Now().Sub(last)
	limit := time.Duration(deployed.Config.Idle) + grace
	if idle <= limit {
		return nil
	}
	log.Warn("an idle cluster is taken down", "last", last, "idle", idle.String(), "limit", limit.String(), "workers", now.Workers.DesiredCount)
	return f.Fleet.Down(ctx, now, 0)
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
