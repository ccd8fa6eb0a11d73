package local

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/engine"
	"github.com/bbf-build/bbf/tools/version"
)

// probeLimit bounds the probe action, which may have to wait for a slot of an engine that is busy.
const probeLimit = time.Minute

// Up starts the engine, or joins the one that runs.
func (b *Backend) Up(ctx context.Context, r cluster.UpRequest) (cluster.UpResult, error) {
	var res cluster.UpResult
	if r.Listen != "" {
		if err := CheckListen(r.Listen); err != nil {
			return res, err
		}
	}
	if err := b.paths.Prepare(); err != nil {
		return res, err
	}
	release, err := b.paths.daemon().Exclusive(ctx, r.Progress)
	if err != nil {
		return res, err
	}
	defer release()
	if err := b.ensure(ctx, r, &res); err != nil {
		return res, err
	}
	if err := b.use(ctx, r, &res); err != nil {
		if res.Started { // nothing half-made stays
			b.stopKnown(context.WithoutCancel(ctx), cluster.DownRequest{Progress: r.Progress})
		}
		return res, err
	}
	return res, nil
}

// ensure sees to it that an engine answers.
func (b *Backend) ensure(ctx context.Context, r cluster.UpRequest, res *cluster.UpResult) error {
	s, err := NewControl(b.paths.Control()).Status(ctx)
	switch {
	case err == nil && b.outdated(s, res):
		r.Progress(fmt.Sprintf("restarting the engine: it is %s, this bbf is %s", s.Version, version.Version))
		if _, err := b.stop(ctx, cluster.DownRequest{Progress: r.Progress}); err != nil {
			return err
		}
	case err == nil:
		if exists(b.paths.Engine()) {
			join(s, r, res)
			return nil
		}
		r.Progress("restarting the engine: somebody removed its socket")
		if _, err := b.stop(ctx, cluster.DownRequest{Progress: r.Progress}); err != nil {
			return err
		}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !Gone(err):
		pid, _ := b.paths.daemon().Holder()
		return cluster.WithNext(fmt.Errorf("an engine is there (pid %d) and doesn't answer: %w", pid, err), cluster.Command("down")+", then "+cluster.Command("up"))
	default:
		if s, ok := b.appears(ctx); ok {
			join(s, r, res)
			return nil
		}
		// One that lives and can't be reached (its sockets were removed) is in the way of a new one.
		if _, err := b.stop(ctx, cluster.DownRequest{Progress: r.Progress}); err != nil {
			return err
		}
	}
	r.Progress("starting the engine")
	s, err = b.start(ctx, r)
	if err != nil {
		return err
	}
	res.Started = true
	res.Status = cluster.Status{State: cluster.StateUp, Backend: Name, Status: &s}
	return nil
}

// appears gives an engine that holds the lock but doesn't answer the time to do so: somebody may just have started
// it by hand.
func (b *Backend) appears(ctx context.Context) (engine.Status, bool) {
	for tick := daemon.NewTicks(); tick.Passed() < 5*time.Second; {
		if _, held := b.paths.daemon().Holder(); !held {
			return engine.Status{}, false
		}
		if s, err := NewControl(b.paths.Control()).Status(ctx); err == nil {
			return s, true
		}
		if tick.Wait(ctx) != nil {
			break
		}
	}
	return engine.Status{}, false
}

// outdated reports whether an engine is to be replaced, and notes when it should be and can't.
func (b *Backend) outdated(s engine.Status, res *cluster.UpResult) bool {
	switch {
	case version.Newer(version.Version, s.Version):
		if len(s.Running) == 0 && s.Queued == 0 {
			return true
		}
		res.Notes = append(res.Notes, fmt.Sprintf("the engine is %s, older than this bbf (%s), and busy: run `%s` again when it is idle to replace it", s.Version, version.Version, cluster.Command("up")))
	case version.Newer(s.Version, version.Version):
		res.Notes = append(res.Notes, fmt.Sprintf("the engine is %s, newer than this bbf (%s)", s.Version, version.Version))
	}
	return false
}

// join takes an engine that runs as it is, and says where it isn't what was asked for.
func join(s engine.Status, r cluster.UpRequest, res *cluster.UpResult) {
	res.Status = cluster.Status{State: cluster.StateUp, Backend: Name, Status: &s}
	var differ []string
	if r.Slots != 0 && r.Slots != s.Slots {
		differ = append(differ, fmt.Sprintf("--slots=%d (it has %d)", r.Slots, s.Slots))
	}
	if r.CacheSize != 0 && r.CacheSize != s.Cache.MaxBytes {
		differ = append(differ, fmt.Sprintf("--cache-size=%d (it has %d)", r.CacheSize, s.Cache.MaxBytes))
	}
	if r.Listen != "" && "grpc://"+r.Listen != s.Listen {
		has := s.Listen
		if has == "" {
			has = "no such port"
		}
		differ = append(differ, fmt.Sprintf("--listen=%s (it has %s)", r.Listen, has))
	}
	if len(differ) > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("the engine ran already and keeps its options, without %s: `%s` first to change them", strings.Join(differ, ", "), cluster.Command("down")))
	}
}

// use makes the engine the workspace's: actions don't see it, and the probe has shown that they run.
func (b *Backend) use(ctx context.Context, r cluster.UpRequest, res *cluster.UpResult) error {
	if r.Workspace != "" {
		if err := NewControl(b.paths.Control()).Register(ctx, r.Workspace); err != nil {
			return err
		}
	}
	r.Progress("executing a probe action")
	limited, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	p, err := b.Probe(limited)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return cluster.WithNext(fmt.Errorf("the engine answers but executes nothing: %w; the end of its log, %s:\n%s", err, b.paths.Log(), b.paths.daemon().Tail()), cluster.Command("doctor"))
	}
	res.Probe = p.Took
	if r.Commit != nil {
		return r.Commit(*res)
	}
	return nil
}
