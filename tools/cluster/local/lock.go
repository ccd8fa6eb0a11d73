package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
)

// exclusive takes the lock under which engines are started and stopped, and the workspaces' files written. It is the
// kernel's: it goes with the process that held it, however that ended.
func (p Paths) exclusive(ctx context.Context, progress cluster.Progress) (release func(), err error) {
	f, err := os.OpenFile(p.upLock(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	for tick := newTicks(); ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
		if tick.passed() > time.Second {
			progress("waiting for another bbf, which is bringing the engine up or down")
		}
		if err := tick.wait(ctx); err != nil {
			f.Close()
			return nil, err
		}
	}
}

// holder says whether an engine lives, and its pid: 0 when it is so young that it has not written it yet.
func (p Paths) holder() (pid int, held bool) {
	f, err := os.OpenFile(p.Lock(), os.O_RDWR, 0)
	if err != nil {
		return 0, !errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close() // and with it goes the lock, if we got it
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return 0, false
	}
	text, err := os.ReadFile(p.Lock())
	if err != nil {
		return 0, true
	}
	pid, _ = strconv.Atoi(strings.TrimSpace(string(text))) // 0 while there is none
	return pid, true
}

// ticks are the pauses of a loop that looks for something: short at first, never long.
type ticks struct {
	start time.Time
	next  time.Duration
}

func newTicks() *ticks { return &ticks{start: time.Now(), next: 2 * time.Millisecond} }

func (t *ticks) passed() time.Duration { return time.Since(t.start) }

func (t *ticks) wait(ctx context.Context) error {
	timer := time.NewTimer(t.next)
	defer timer.Stop()
	t.next = min(t.next*3/2, 50*time.Millisecond)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
