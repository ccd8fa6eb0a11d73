package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os/signal"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/engine"
	"github.com/bbf-build/bbf/tools/version"
)

// grace is how long running actions may go on after the engine was asked to stop.
const grace = 3 * time.Second

// EngineOptions are the choices that an engine is started with. Zero values leave them to the engine.
type EngineOptions struct {
	Listen    string // also listen there, host:port on the loopback device
	CacheSize int64  // bytes
	Slots     int
	NoSandbox bool
	Log       *slog.Logger
}

// RunEngine is the whole life of the daemon: it returns when ctx ends or somebody asked it to stop.
func RunEngine(ctx context.Context, p Paths, o EngineOptions) error {
	// The modes of what actions write must not depend on who started the engine; what nobody else may see lies in
	// folders that are closed.
	syscall.Umask(0o022)
	signal.Ignore(syscall.SIGHUP) // the terminal goes, the engine stays
	if err := p.Prepare(); err != nil {
		return err
	}
	reg := openRegistry(p.workspaces(), p.Run(), p.Sockets)
	tcp, err := listenTCP(o.Listen)
	if err != nil {
		return err
	}
	c := engine.Config{
		Cache: p.Cache, MaxBytes: o.CacheSize, Slots: o.Slots, NoSandbox: o.NoSandbox, Hidden: reg.Hidden,
		Version: version.Version, Endpoint: p.Endpoint(), Log: o.Log,
	}
	listeners := []net.Listener{}
	if tcp != nil {
		defer tcp.Close()
		c.Listen = "grpc://" + tcp.Addr().String()
		listeners = append(listeners, tcp)
	}
	e, err := openEngine(ctx, c) // from here on the cache is ours, and so are the sockets
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	err = serve(ctx, p, e, listeners, newControlServer(e.Status, stop, reg, o.Log), o.Log)
	o.Log.Info("the engine has ended", "error", err)
	return err
}

// openEngine opens the stores. Whoever looks whether an engine lives holds its lock for an instant (see holder), so a
// lock that is taken is looked at again.
func openEngine(ctx context.Context, c engine.Config) (*engine.Engine, error) {
	for tick := daemon.NewTicks(); ; {
		e, err := engine.New(c)
		if !errors.As(err, new(*engine.LockedError)) || tick.Passed() > time.Second || tick.Wait(ctx) != nil {
			return e, err
		}
	}
}

func serve(ctx context.Context, p Paths, e *engine.Engine, listeners []net.Listener, control *daemon.ControlServer, log *slog.Logger) (err error) {
	stopEngine := func() {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		e.Stop(ctx)
	}
	api, err := daemon.Listen(p.Engine())
	if err != nil {
		stopEngine()
		return err
	}
	served := make(chan error, 2)
	go func() { served <- e.Serve(append(listeners, api)...) }()
	// The control socket comes second: who can ask it finds the other one open.
	ctl, err := daemon.Listen(p.Control())
	if err != nil {
		stopEngine()
		return errors.Join(err, <-served)
	}
	go func() { served <- control.Serve(ctl) }()
	s := e.Status()
	log.Info("the engine is up", "version", s.Version, "pid", s.PID, "endpoint", s.Endpoint, "listen", s.Listen,
		"sandbox", s.Sandbox.Kind, "inputs", s.Sandbox.Inputs, "reason", s.Sandbox.Reason, "slots", s.Slots)

	select {
	case <-ctx.Done():
		log.Info("stopping")
	case err = <-served:
		log.Error("a listener failed", "error", err)
	}
	// The control socket goes first: while the rest ends, nobody shall take the engine for one that runs.
	if e := control.Close(); e != nil {
		log.Warn("the control socket was not closed cleanly", "error", e)
	}
	stopEngine()
	return err
}

func listenTCP(addr string) (net.Listener, error) {
	if addr == "" {
		return nil, nil
	}
	if err := CheckListen(addr); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--listen=%s: %w", addr, err)
	}
	return l, nil
}

// CheckListen refuses addresses that other machines could reach: the engine runs whatever it is sent.
func CheckListen(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("--listen=%s: not of the form 127.0.0.1:PORT: %w", addr, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen=%s: %q is no address of the loopback device, like 127.0.0.1; others could run code as you", addr, host)
	}
	return nil
}
