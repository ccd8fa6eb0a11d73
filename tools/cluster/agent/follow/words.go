package follow

import (
	"context"
	"fmt"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
)

// failing asks the manager once more, for the reasons.
func failing(ctx context.Context, s *Server, st api.Status) error {
	if full, err := s.Manager.Status(ctx, true); err == nil {
		st = full
	}
	return cluster.WithNext(fmt.Errorf("the cluster %s doesn't start: %s", s.Cluster, reason(st)),
		cluster.Command("status")+" shows more, "+cluster.Command("down")+" stops the attempts")
}

// reason says what is wrong, the manager's words before ECS's.
func reason(s api.Status) string {
	if s.Problem != "" {
		return s.Problem
	}
	for _, service := range []api.Service{s.Server, s.Workers} {
		if len(service.Failures) > 0 {
			return service.Failures[0].Reason
		}
	}
	return fmt.Sprintf("%d of %d servers and %d of %d workers run", s.Server.Running, s.Server.Desired, s.Workers.Running, s.Workers.Desired)
}
