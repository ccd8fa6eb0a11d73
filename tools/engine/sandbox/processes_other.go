//go:build !linux

package sandbox

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// Run implements Runner. What the command leaves behind is killed by its process group; a process that leaves the group
// is not found.
func (processes) Run(ctx context.Context, s Spec) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	if err := s.checkPlain(); err != nil {
		return Result{}, err
	}
	dir := filepath.Join(s.Root[0].Upper, s.Dir)
	path, err := find(s.Args[0], dir, s.Env)
	if err != nil {
		return Result{}, err
	}
	cmd := &exec.Cmd{
		Path: path, Args: s.Args, Env: s.Env, Dir: dir, Stdout: s.Stdout, Stderr: s.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	r := Result{Started: time.Now()}
	if err := cmd.Start(); err != nil {
		return Result{}, &StartError{Program: s.Args[0], Reason: err.Error(), Err: errors.Unwrap(err)}
	}
	kill := func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	stop := context.AfterFunc(ctx, kill)
	defer stop()
	var timedOut atomic.Bool
	if s.Timeout > 0 {
		t := time.AfterFunc(s.Timeout, func() { timedOut.Store(true); kill() })
		defer t.Stop()
	}
	cmd.Wait()
	kill()
	r.Ended, r.TimedOut = time.Now(), timedOut.Load()
	r.Usage = Usage{User: cmd.ProcessState.UserTime(), System: cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.Usage.MaxRSS = u.Maxrss
	}
	r.ExitCode = cmd.ProcessState.ExitCode()
	if w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		r.ExitCode = 128 + int(w.Signal())
	}
	return r, ctx.Err()
}
