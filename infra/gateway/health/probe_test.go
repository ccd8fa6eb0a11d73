package health_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	grpchealth "google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/bbf-build/bbf/infra/gateway/health"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
)

func TestProbe(t *testing.T) {
	l, s, h := testrig.Listen(t), grpc.NewServer(), grpchealth.NewServer()
	healthpb.RegisterHealthServer(s, h)
	p := health.NewProbe()
	check := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		return p.Check(ctx, l.Addr().String())
	}
	go s.Serve(l)
	defer s.Stop()
	for _, step := range []struct {
		status healthpb.HealthCheckResponse_ServingStatus
		well   bool
	}{
		{healthpb.HealthCheckResponse_NOT_SERVING, false},
		{healthpb.HealthCheckResponse_SERVING, true},
		{healthpb.HealthCheckResponse_UNKNOWN, false},
	} {
		h.SetServingStatus("", step.status)
		if err := check(); (err == nil) != step.well {
			t.Errorf("%v: %v", step.status, err)
		}
	}
	s.Stop()
	if err := check(); err == nil {
		t.Error("nobody is there, and that is healthy")
	}
}
