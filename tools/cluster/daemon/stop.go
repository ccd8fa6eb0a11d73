package daemon

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

// Stop ends the daemon in whatever state it is, and reports whether there was one. Of what it leaves, the control socket and the given
// files are removed. The caller holds the lock of Exclusive.
func (d Daemon) Stop(ctx context.Context, tell func(string), leftovers ...string) (was bool, err error) {
	if _, held := d.Holder(); held {
		tell("stopping the " + d.Name)
		asked := d.Client().Post(ctx, "/stop", nil, nil) == nil
		if err := d.awaitEnd(ctx, asked); err != nil {
			return true, err
		}
		was = true
	}
	for _, file := range append(leftovers, d.Control) {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return was, fmt.Errorf("removing a stale socket: %w", err)
		}
	}
	return was, nil
}

// awaitEnd returns when nobody holds the daemon's lock. One that was not asked, or doesn't do what it was asked, gets signals: the lock's
// file names it, and since the lock is held that is no other process with an old number.
func (d Daemon) awaitEnd(ctx context.Context, asked bool) error {
	limit := d.Grace + 5*time.Second
	signals := []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}
	if !asked {
		limit = 0
	}
	for tick := NewTicks(); ; {
		pid, held := d.Holder()
		if !held {
			return nil
		}
		if tick.Passed() >= limit && pid > 1 {
			if len(signals) == 0 {
				return cluster.WithNext(fmt.Errorf("the %s (pid %d) can't be stopped", d.Name, pid), fmt.Sprintf("look at what it does: ps -o pid,stat,wchan,args -p %d", pid))
			}
			if err := syscall.Kill(pid, signals[0]); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stopping the %s (pid %d): %w", d.Name, pid, err)
			}
			signals = signals[1:]
			limit = tick.Passed() + d.Grace + 5*time.Second
		}
		if tick.Passed() > time.Minute {
			return fmt.Errorf("%s is locked by a process that doesn't say which it is", d.Lock)
		}
		if err := tick.Wait(ctx); err != nil {
			return err
		}
	}
}
