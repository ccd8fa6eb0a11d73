// Package engine is a Remote Execution API server for one machine, in one process: a content-addressable store, an
// action cache, and execution of actions in sandboxes.
//
// The parts have a package each: cas keeps blobs, actioncache keeps results, execroot makes input trees and gathers
// outputs, sandbox runs commands, execution joins these into operations, and server speaks gRPC. This package only
// puts them together.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/execroot"
	"github.com/bbf-build/bbf/tools/engine/execution"
	"github.com/bbf-build/bbf/tools/engine/sandbox"
	"github.com/bbf-build/bbf/tools/engine/server"
	"google.golang.org/grpc"
)

// Config is what an engine is made of.
type Config struct {
	Cache     string          // folder of the stores; made when missing
	MaxBytes  int64           // bound of the stores in bytes; 0: a part of the disk
	Slots     int             // actions that run at once; 0: as many as there are cores
	Hidden    func() []string // host paths that no action may see, asked for at each action
	Show      []string        // host paths that actions see besides the system's folders, read-only
	NoSandbox bool            // run actions as plain processes even where namespaces work
	Version   string          // of bbf, for Status and capabilities
	Endpoint  string          // for Status only
	Listen    string          // for Status only
	Log       *slog.Logger
}

// Engine is a running engine. It is safe for concurrent use.
type Engine struct {
	Config
	started  time.Time
	lock     *lock
	store    *cas.Store
	results  *actioncache.Cache
	roots    *execroot.Builder
	runner   sandbox.Runner
	executor *execution.Executor
	sandbox  Sandbox
	server   *grpc.Server
	stopped  sync.Once
}

// New opens the stores and looks at what sandbox the machine allows. The error is a *LockedError when another engine
// has the cache.
func New(c Config) (_ *Engine, err error) {
	c.Slots = cmp.Or(c.Slots, runtime.NumCPU())
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Cache, err = filepath.Abs(c.Cache); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Cache, 0o700); err != nil {
		return nil, fmt.Errorf("failed to make the cache's folder: %w", err)
	}
	e := &Engine{Config: c, started: time.Now()}
	if e.lock, err = takeLock(filepath.Join(c.Cache, "lock")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if e.store, err = cas.Open(c.Cache, cas.Options{MaxBytes: c.MaxBytes, Log: c.Log}); err != nil {
		return nil, fmt.Errorf("failed to open the store: %w", err)
	}
	if e.results, err = actioncache.Open(c.Cache, e.store, actioncache.Options{Log: c.Log}); err != nil {
		return nil, fmt.Errorf("failed to open the action cache: %w", err)
	}
	runner, facts := sandbox.New(sandbox.Options{
		Hide:    []string{c.Cache},
		Hidden:  c.Hidden,
		Show:    c.Show,
		Scratch: filepath.Join(c.Cache, "sandbox"),
		Disable: c.NoSandbox,
		Log:     c.Log,
	})
	e.runner = runner
	e.roots, err = execroot.New(execroot.Options{Store: e.store, Dir: filepath.Join(c.Cache, "exec"), Overlay: facts.Overlay, Log: c.Log})
	if err != nil {
		return nil, fmt.Errorf("failed to prepare the folder of exec roots: %w", err)
	}
	e.sandbox = sandboxOf(runner, facts)
	host, _ := os.Hostname()
	e.executor = execution.New(execution.Options{
		Store: e.store, Results: e.results, Roots: e.roots, Sandbox: runner,
		Slots: c.Slots, Network: true, Worker: cmp.Or(host, "localhost"), Log: c.Log,
	})
	e.server = server.New(server.Deps{
		Store: e.store, ActionCache: e.results, Executor: e.executor, Version: c.Version,
		Priorities:       server.Priorities{Min: math.MinInt32, Max: math.MaxInt32},
		NodeProperties:   []string{"mtime", "unix_mode"}, // names of fields in NodeProperties
		AbsoluteSymlinks: true,
	})
	return e, nil
}

func sandboxOf(runner sandbox.Runner, facts sandbox.Facts) Sandbox {
	s := Sandbox{Kind: runner.Kind(), Inputs: "hardlinks", Reason: facts.Reason}
	if facts.Overlay {
		s.Inputs = "overlay"
	}
	return s
}

// Serve answers on the listeners until Stop is called. It closes them.
func (e *Engine) Serve(listeners ...net.Listener) error {
	errs := make(chan error)
	for _, l := range listeners {
		go func() { errs <- e.server.Serve(l) }()
	}
	var all error
	for range listeners {
		if err := <-errs; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			all = errors.Join(all, err)
			e.server.Stop()
		}
	}
	return all
}

// Stop lets running actions end until the context does, then cancels them, and closes the stores.
func (e *Engine) Stop(ctx context.Context) {
	e.stopped.Do(func() {
		graceful := make(chan struct{})
		go func() { e.server.GracefulStop(); close(graceful) }()
		select {
		case <-graceful:
		case <-ctx.Done():
		}
		e.executor.Stop()
		e.server.Stop()
		e.close()
	})
}

func (e *Engine) close() {
	if e.runner != nil {
		if err := e.runner.Close(); err != nil {
			e.Log.Warn("the sandbox was not closed cleanly", "error", err)
		}
	}
	if e.roots != nil {
		e.roots.Close()
	}
	if e.store != nil {
		if err := e.store.Close(); err != nil {
			e.Log.Warn("the store was not closed cleanly", "error", err)
		}
	}
	e.lock.release()
}

// Status tells what the engine is and does.
func (e *Engine) Status() Status {
	s := Status{
		Version: e.Version, PID: os.Getpid(), Started: e.started, Endpoint: e.Endpoint, Listen: e.Listen,
		Sandbox: e.sandbox, Slots: e.Slots, Running: []Running{}, Resident: resident(),
	}
	doing := e.executor.Snapshot()
	for _, r := range doing.Running {
		s.Running = append(s.Running, Running{Action: r.Action.String(), Mnemonic: r.Mnemonic, Target: r.Target, Since: r.Since})
	}
	s.Queued, s.Executed, s.Failed = doing.Queued, doing.Executed, doing.Failed
	s.Cache.Dir = e.Cache
	s.Cache.Blobs, s.Cache.Bytes, s.Cache.MaxBytes, s.Cache.Evicted = e.store.Stats()
	s.Hits.ActionHits, s.Hits.ActionMisses = e.results.Stats()
	return s
}
