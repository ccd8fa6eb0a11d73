package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
	"golang.org/x/sys/unix"
)

// namespaces runs actions in namespaces of their own, through a stage.
type namespaces struct {
	view    view
	scratch string
	hide    []string
	hidden  func() []string
	log     *slog.Logger

	mu     sync.Mutex
	stage  *stageProcess // nil before the first action and after the stage died
	closed bool
}

func newNamespaces(o Options) (*namespaces, error) {
	v, err := newView(o)
	if err != nil {
		return nil, err
	}
	n := &namespaces{view: v, scratch: filepath.Dir(v.root), hide: o.Hide, hidden: o.Hidden, log: o.Log}
	if _, err := n.running(); err != nil {
		return nil, err
	}
	return n, nil
}

// Kind implements Runner.
func (n *namespaces) Kind() string { return "namespaces" }

// Close ends the stage, and with it every action.
func (n *namespaces) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.stage != nil {
		n.stage.stop()
	}
	return nil
}

// running returns the stage, and starts it where there is none.
func (n *namespaces) running() (*stageProcess, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, errors.New("the sandbox is closed")
	}
	if n.stage != nil && n.stage.alive() {
		return n.stage, nil
	}
	if n.stage != nil {
		n.log.Warn("the process that starts actions has died and is started again")
		n.stage.stop()
	}
	var err error
	n.stage, err = startStage(n.view)
	return n.stage, err
}

// spawn has the stage fork an action. A stage that turns out to be dead is replaced.
func (n *namespaces) spawn(a *stage.Action, s Spec, into *outcome) (*reportSocket, *os.File, error) {
	for attempt := 0; ; attempt++ {
		p, err := n.running()
		if err != nil {
			return nil, nil, err
		}
		report, pidfd, err := p.spawn(a, s.Stdout, s.Stderr, into)
		if attempt > 0 || !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
			return report, pidfd, err
		}
		<-p.gone // the other end of its socket is closed: it is dying
	}
}

// Run implements Runner.
func (n *namespaces) Run(ctx context.Context, s Spec) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	a, err := n.action(s)
	if err != nil {
		return Result{}, err
	}
	var r outcome
	report, pidfd, err := n.spawn(a, s, &r)
	if err != nil {
		return Result{}, err
	}
	defer report.Close()
	defer pidfd.Close()
	kill := func() {
		if c, err := pidfd.SyscallConn(); err == nil {
			c.Control(func(fd uintptr) { unix.PidfdSendSignal(int(fd), unix.SIGKILL, nil, 0) })
		}
	}
	stop := context.AfterFunc(ctx, kill)
	defer stop()
	var timedOut atomic.Bool
	if s.Timeout > 0 {
		t := time.AfterFunc(s.Timeout, func() { timedOut.Store(true); kill() })
		defer t.Stop()
	}
	err = report.readAll(&r)
	if waitErr := awaitDeath(pidfd); err == nil {
		err = waitErr
	}
	if ctxErr := ctx.Err(); ctxErr != nil && !r.exited {
		return Result{}, ctxErr
	}
	if err != nil {
		return Result{}, err
	}
	return r.result(s, timedOut.Load())
}

// outcome gathers what an action's processes reported.
type outcome struct {
	failed *stage.Record
	exit   stage.Record
	exited bool
}

func (o *outcome) add(r stage.Record) {
	switch r.Kind {
	case stage.KindExited:
		o.exit, o.exited = r, true
	case stage.KindSetup, stage.KindStart:
		if o.failed == nil {
			o.failed = &r
		}
	}
}

func (o *outcome) result(s Spec, timedOut bool) (Result, error) {
	switch {
	case o.failed != nil:
		return Result{}, recordError(s.Args[0], *o.failed)
	case o.exited:
		code := o.exit.Status.ExitStatus()
		if o.exit.Status.Signaled() {
			code = 128 + int(o.exit.Status.Signal())
		}
		return Result{
			ExitCode: code, Started: o.exit.Start, Ended: o.exit.End,
			Usage: Usage{User: o.exit.User, System: o.exit.System, MaxRSS: o.exit.MaxRSS},
		}, nil
	case timedOut:
		now := time.Now()
		return Result{ExitCode: 128 + int(unix.SIGKILL), TimedOut: true, Started: now.Add(-s.Timeout), Ended: now}, nil
	}
	return Result{}, errors.New("running the command: its processes were killed from outside (out of memory?)")
}

// recordError makes an error of what an action's processes could not do.
func recordError(program string, r stage.Record) error {
	reason := r.Text
	if r.Errno != 0 && reason != "" {
		reason += ": "
	}
	if r.Errno != 0 {
		reason += r.Errno.Error()
	}
	if r.Kind == stage.KindStart {
		return &StartError{Program: program, Reason: reason, Err: r.Errno}
	}
	return fmt.Errorf("preparing the sandbox: %s", reason)
}

// awaitDeath returns when the first process of an action's namespaces is gone; then all others are gone too.
func awaitDeath(pidfd *os.File) error {
	c, err := pidfd.SyscallConn()
	if err != nil {
		return err
	}
	return c.Read(func(fd uintptr) bool {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, 0)
		return n > 0 || err != nil && err != unix.EINTR
	})
}
