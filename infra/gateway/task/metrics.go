package task

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/metrics"
)

// serveMetrics answers Prometheus and the health check.
func (t *Task) serveMetrics(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", t.metrics())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := t.Healthy(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { s.Close() })()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Healthy says why the task can't be used; nil when it can.
func (t *Task) Healthy(ctx context.Context) error {
	if _, err := t.Source.Current(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := t.probe.Check(ctx, t.Backend); err != nil {
		return fmt.Errorf("no answer from Buildfarm at %s: %w", t.Backend, err)
	}
	return nil
}

func (t *Task) metrics() metrics.Set {
	var s metrics.Set
	number := func(v *atomic.Int64) func() float64 { return func() float64 { return float64(v.Load()) } }
	s.Add(metrics.Gauge, "bbf_calls_open", "", "gRPC calls that are open.", func() float64 { open, _ := t.Calls.Now(); return float64(open) })
	s.Add(metrics.Counter, "bbf_calls_total", "", "gRPC calls that were passed on.", func() float64 { _, total := t.Calls.Now(); return float64(total) })
	for _, r := range certificates.Roles() {
		s.Add(metrics.Counter, "bbf_denied_total", fmt.Sprintf("role=%q", r), "Calls and connections that the client's role may not make.",
			func() float64 { return float64(t.denied.get(string(r))) })
	}
	s.Add(metrics.Counter, "bbf_connections_total", `result="accepted"`, "Connections to the gateway's port.", number(&t.front.Accepted))
	s.Add(metrics.Counter, "bbf_connections_total", `result="refused"`, "", number(&t.front.Refused))
	s.Add(metrics.Counter, "bbf_connections_total", `result="failed"`, "", number(&t.front.Failed))
	s.Add(metrics.Gauge, "bbf_tunnels_open", `direction="in"`, "Connections between tasks.", number(&t.tunnels.open))
	s.Add(metrics.Gauge, "bbf_tunnels_open", `direction="out"`, "", number(&t.proxy.Open))
	s.Add(metrics.Gauge, "bbf_tunnels_open", `direction="redis"`, "", number(&t.forward.Open))
	s.Add(metrics.Counter, "bbf_tunnel_bytes_total", `direction="in"`, "Bytes that came from other tasks and went back to them.", number(&t.tunnels.in))
	s.Add(metrics.Counter, "bbf_tunnel_bytes_total", `direction="back"`, "", number(&t.tunnels.back))
	s.Add(metrics.Gauge, "bbf_certificate_end_seconds", "", "When the gateway's certificate ends, as Unix time.", func() float64 {
		b, err := t.Source.Current()
		if err != nil {
			return 0
		}
		return float64(b.Certificate.Leaf.NotAfter.Unix())
	})
	s.AddProcess()
	return s
}
