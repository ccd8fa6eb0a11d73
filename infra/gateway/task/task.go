// Package task is the gateway of one task, put together: the door, what is behind it, and the ways out.
//
//	0.0.0.0:8980   mutual TLS: gRPC calls of people and CI to the server, bytes of other tasks to a worker, bytes of workers to Redis
//	127.0.0.1:3128 HTTP CONNECT to the gateways of other tasks
//	127.0.0.1:6379 in a worker's task: the server's Redis
//	127.0.0.1:9090 /metrics for Prometheus and /healthz for ECS
package task

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/front"
	"github.com/bbf-build/bbf/infra/gateway/health"
	"github.com/bbf-build/bbf/infra/gateway/idle"
	"github.com/bbf-build/bbf/infra/gateway/tunnel"
)

// Options are what a Task is made of.
type Options struct {
	Role    certificates.Role // RoleServer or RoleWorker
	Cluster string
	Source  certificates.Source
	Guard   func(leaf *x509.Certificate, cut func(error)) (release func()) // see front.Options
	Backend string                                                         // HOST:PORT of Buildfarm
	Redis   string                                                         // of the server: HOST:PORT
	Port    string                                                         // of all gateways
	Server  tunnel.Server                                                  // of a worker
	Bound   time.Duration                                                  // how long the end may take
	Log     *slog.Logger
}

// Listeners are what the gateway listens on.
type Listeners struct {
	Front   net.Listener
	Proxy   net.Listener
	Redis   net.Listener // of a worker
	Metrics net.Listener
}

// Task is a gateway.
type Task struct {
	Options
	Calls   *idle.Calls
	front   *front.Front
	proxy   tunnel.Proxy
	forward tunnel.Forward
	probe   *health.Probe
	tunnels tunnels
	denied  counters
}

// New makes a gateway.
func New(o Options) *Task {
	t := &Task{Options: o, Calls: idle.NewCalls(), probe: health.NewProbe()}
	f := front.Options{Source: o.Source, Cluster: o.Cluster, Guard: o.Guard, Log: o.Log, Protocols: map[string]front.Handler{
		front.HTTP2: t.serveWorkersHTTP2, front.Connect: t.serveConnect,
	}}
	if o.Role == certificates.RoleServer {
		f.Protocols = map[string]front.Handler{front.HTTP2: t.serveCalls, front.Redis: t.serveRedis}
	}
	t.front = front.New(f)
	t.proxy.Log, t.proxy.Port = o.Log, o.Port
	t.proxy.Dial = tunnel.NewDialer(o.Source, o.Cluster, front.Connect, certificates.RoleWorker).Dial
	t.forward.Log, t.forward.Server = o.Log, o.Server
	t.forward.Dial = tunnel.NewDialer(o.Source, o.Cluster, front.Redis, certificates.RoleServer).Dial
	return t
}

// Run serves until the context ends, and then lets what is running end, for at most Bound.
func (t *Task) Run(ctx context.Context, l Listeners) error {
	// The ways out stay open until the end: what is running needs them.
	out, closeOut := context.WithCancel(context.WithoutCancel(ctx))
	var ways sync.WaitGroup
	failed := make(chan error, 4)
	serve := func(f func() error) {
		ways.Go(func() {
			if err := f(); err != nil {
				failed <- err
			}
		})
	}
	serve(func() error { return t.proxy.Serve(out, l.Proxy) })
	serve(func() error { return t.serveMetrics(out, l.Metrics) })
	if l.Redis != nil {
		serve(func() error { return t.forward.Serve(out, l.Redis) })
	}
	serve(func() error { return t.front.Serve(l.Front) })

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	t.end()
	closeOut()
	ways.Wait()
	return err
}

// end lets what is running end.
func (t *Task) end() {
	ctx, cancel := context.WithTimeout(context.Background(), t.Bound)
	defer cancel()
	open, _ := t.Calls.Now()
	t.Log.Info("the gateway ends", "calls", open)
	if t.Role == certificates.RoleWorker {
		t.waitForWorker(ctx)
	}
	if err := t.front.Shutdown(ctx); err != nil {
		t.Log.Warn("calls are cut off: they took too long to end", "bound", t.Bound.String())
	}
}

// waitForWorker returns when Buildfarm's worker is gone. It was told to end when the gateway was, finishes what it runs, and needs the gateway for
// that: other tasks still fetch from it, and it reports to Redis.
func (t *Task) waitForWorker(ctx context.Context) {
	for ctx.Err() == nil {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", t.Backend)
		if err != nil {
			return
		}
		c.Close()
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
}
