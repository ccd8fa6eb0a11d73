package sandbox

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
)

// Run implements Runner. The command is started by a reaper, which kills what the command leaves behind, and everything
// when its socket is closed.
func (processes) Run(ctx context.Context, s Spec) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := s.checkPlain(); err != nil {
		return Result{}, err
	}
	ours, theirs, err := socketpair(true)
	if err != nil {
		return Result{}, err
	}
	defer ours.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		theirs.Close()
		return Result{}, err
	}
	defer null.Close()
	reaper, err := os.StartProcess("/proc/self/exe", []string{"bbf-sandbox"}, &os.ProcAttr{
		Dir:   "/",
		Env:   []string{stage.RoleVariable + "=" + stage.RoleReaper, "GOGC=off"},
		Files: []*os.File{null, s.Stdout, s.Stderr, theirs},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	theirs.Close()
	if err != nil {
		return Result{}, fmt.Errorf("starting a process: %w", err)
	}
	hangUp := func() { shutdown(ours) }
	stop := context.AfterFunc(ctx, hangUp)
	defer stop()
	var timedOut atomic.Bool
	if s.Timeout > 0 {
		t := time.AfterFunc(s.Timeout, func() { timedOut.Store(true); hangUp() })
		defer t.Stop()
	}
	var r outcome
	a := &stage.Action{Args: s.Args, Env: s.Env, Dir: s.Dir, Layers: []stage.Layer{{Upper: s.Root[0].Upper}}}
	err = send(ours, a.Encode())
	if err == nil {
		err = (&reportSocket{ours}).readAll(&r)
	}
	reaper.Wait()
	if ctxErr := ctx.Err(); ctxErr != nil && !r.exited {
		return Result{}, ctxErr
	}
	if err != nil && !r.exited && !timedOut.Load() {
		return Result{}, fmt.Errorf("running a process: %w", err)
	}
	return r.result(s, timedOut.Load())
}

// shutdown tells the other end that nothing more comes; what it still says can be read.
func shutdown(f *os.File) {
	if c, err := f.SyscallConn(); err == nil {
		c.Control(func(fd uintptr) { syscall.Shutdown(int(fd), syscall.SHUT_WR) })
	}
}
