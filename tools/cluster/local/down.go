package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Down stops the engine, and empties the cache when asked to.
func (b *Backend) Down(ctx context.Context, r cluster.DownRequest) (cluster.DownResult, error) {
	res := cluster.DownResult{Endpoint: b.paths.Endpoint()}
	if !exists(b.paths.Cache) { // nothing was ever up, and looking shall leave nothing behind
		return res, commit(r, res)
	}
	if err := b.paths.Prepare(); err != nil {
		return res, err
	}
	release, err := b.paths.exclusive(ctx, r.Progress)
	if err != nil {
		return res, err
	}
	defer release()
	if res.WasUp, err = b.stop(ctx, r); err != nil {
		return res, err
	}
	res.Workspaces = readWorkspaces(b.paths.workspaces())
	if r.Purge {
		r.Progress("emptying the cache")
		if res.Purged, err = b.paths.purge(ctx); err != nil {
			return res, err
		}
	}
	return res, commit(r, res)
}

func commit(r cluster.DownRequest, res cluster.DownResult) error {
	if r.Commit == nil {
		return nil
	}
	return r.Commit(res)
}

// stop ends the engine in whatever state it is, and reports whether there was one.
func (b *Backend) stop(ctx context.Context, r cluster.DownRequest) (was bool, err error) {
	if _, held := b.paths.holder(); held {
		r.Progress("stopping the engine")
		asked := NewControl(b.paths.Control()).Stop(ctx) == nil
		if err := b.awaitEnd(ctx, asked); err != nil {
			return true, err
		}
		was = true
	}
	for _, socket := range []string{b.paths.Control(), b.paths.Engine()} {
		if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return was, fmt.Errorf("removing a stale socket: %w", err)
		}
	}
	return was, nil
}

// stopKnown is stop where there is nobody left to tell what goes wrong: the next `up` finds and mends it.
func (b *Backend) stopKnown(ctx context.Context, r cluster.DownRequest) {
	if _, err := b.stop(ctx, r); err != nil {
		r.Progress("the engine was not stopped: " + err.Error())
	}
}

// awaitEnd returns when nobody holds the engine's lock. One that was not asked, or doesn't do what it was asked, gets
// signals: the lock's file names it, and since the lock is held that is no other process with an old number.
func (b *Backend) awaitEnd(ctx context.Context, asked bool) error {
	limit := grace + 5*time.Second
	signals := []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}
	if !asked {
		limit = 0
	}
	for tick := newTicks(); ; {
		pid, held := b.paths.holder()
		if !held {
			return nil
		}
		if tick.passed() >= limit && pid > 1 {
			if len(signals) == 0 {
				return cluster.WithNext(fmt.Errorf("the engine (pid %d) can't be stopped", pid), fmt.Sprintf("look at what it does: ps -o pid,stat,wchan,args -p %d", pid))
			}
			if err := syscall.Kill(pid, signals[0]); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stopping the engine (pid %d): %w", pid, err)
			}
			signals = signals[1:]
			limit = tick.passed() + grace + 5*time.Second
		}
		if tick.passed() > time.Minute {
			return fmt.Errorf("%s is locked by a process that doesn't say which it is", b.paths.Lock())
		}
		if err := tick.wait(ctx); err != nil {
			return err
		}
	}
}
