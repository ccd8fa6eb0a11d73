package agent

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// heap is where Go's memory is kept, if it can be: buffers and encryption need little.
const heap = 32 << 20

// Run is the whole life of the daemon: it returns when ctx ends or somebody asked it to stop.
func Run(ctx context.Context, p Paths, log *slog.Logger) error {
	signal.Ignore(syscall.SIGHUP) // the terminal goes, the agent stays
	debug.SetMemoryLimit(heap)
	if err := p.Prepare(); err != nil {
		return err
	}
	release, err := p.daemon().Hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a := newAgent(p, log)
	defer a.close()
	a.restore()
	// The control socket comes last: who can ask it finds the others open.
	l, err := daemon.Listen(p.daemon().Control)
	if err != nil {
		return err
	}
	control := newControl(a, stop, log)
	served := make(chan error, 1)
	go func() { served <- control.Serve(l) }()
	log.Info("the agent is up", "pid", os.Getpid(), "clusters", len(a.clusters))
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case err = <-served:
		log.Error("the control socket failed", "error", err)
	}
	if e := control.Close(); e != nil {
		log.Warn("the control socket was not closed cleanly", "error", e)
	}
	return err
}

func newControl(a *Agent, stop func(), log *slog.Logger) *daemon.ControlServer {
	s := daemon.NewControlServer(func() any { return a.Status() }, stop, log)
	daemon.HandlePost(s, "/clusters", a.Register)
	daemon.HandlePost(s, "/forget", func(in forget) (Forgotten, error) { return a.Forget(in.Cluster) })
	return s
}

// forget is the body of POST /forget.
type forget struct {
	Cluster string `json:"cluster"`
}

// resident is the process's memory in bytes, 0 where it can't be told (see proc(5), statm).
func resident() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
