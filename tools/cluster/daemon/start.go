package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
)

// startLimit bounds the wait for a daemon that neither answers nor dies: a large cache on a slow disk takes a while.
const startLimit = 2 * time.Minute

// Start runs the daemon and returns when it answers on its control socket, with its status, which has the field "pid". When it doesn't,
// nothing is left of it, and the error shows the end of its log. The caller holds the lock of Exclusive.
func (d Daemon) Start(ctx context.Context, c Command, status any) error {
	cmd, err := d.spawn(c)
	if err != nil {
		return fmt.Errorf("starting the %s: %w", d.Name, err)
	}
	exited := make(chan struct{})
	var how error
	go func() { how = cmd.Wait(); close(exited) }()

	control := d.Client()
	for tick := NewTicks(); ; {
		if answers(ctx, control, cmd.Process.Pid, status) {
			return nil
		}
		select {
		case <-exited:
			return cluster.WithNext(fmt.Errorf("the %s ended while starting (%w); the end of its log, %s:\n%s", d.Name, orZero(how), d.Log, d.Tail()),
				"mend what the log says, then "+cluster.Command("up"))
		default:
		}
		if err := tick.Wait(ctx); err != nil {
			d.end(cmd.Process, exited)
			return err
		}
		if tick.Passed() > startLimit {
			d.end(cmd.Process, exited)
			return cluster.WithNext(fmt.Errorf("the %s did not answer within %v; the end of its log, %s:\n%s", d.Name, startLimit, d.Log, d.Tail()),
				cluster.Command("up"))
		}
	}
}

// answers reports whether the daemon is that process, and takes its status.
func answers(ctx context.Context, control *Client, pid int, status any) bool {
	var raw json.RawMessage
	if control.Get(ctx, "/status", &raw) != nil {
		return false
	}
	var is struct {
		PID int `json:"pid"`
	}
	return json.Unmarshal(raw, &is) == nil && is.PID == pid && json.Unmarshal(raw, status) == nil
}

func orZero(how error) error {
	if how == nil {
		return errors.New("exit status 0")
	}
	return how
}

// end stops a child: kindly, then not.
func (d Daemon) end(child *os.Process, exited <-chan struct{}) {
	for _, step := range []struct {
		signal os.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, d.Grace + 2*time.Second}, {syscall.SIGKILL, time.Minute}} {
		if err := child.Signal(step.signal); err != nil {
			return // it is gone
		}
		select {
		case <-exited:
			return
		case <-time.After(step.wait):
		}
	}
}

// Tail returns the last lines of the daemon's log, indented.
func (d Daemon) Tail() string {
	data, err := os.ReadFile(d.Log)
	if err != nil {
		return "  (" + err.Error() + ")"
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-12):], "\n  ")
}
