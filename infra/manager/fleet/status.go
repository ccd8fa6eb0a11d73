package fleet

import (
	"context"
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// Summary is what the services alone tell; it makes no call. since is when the cluster was brought up: what happened before is over.
func (f *Fleet) Summary(s *Services, since time.Time) api.Status {
	return f.status(s, new(tasks), s.Server.settled(), since)
}

// Question is what Status is to look at.
type Question struct {
	Tasks bool      // all of them; otherwise the server's only, for its endpoint
	Since time.Time // when the cluster was brought up: what happened before is over
	Now   time.Time
}

// Status looks at tasks too.
func (f *Fleet) Status(ctx context.Context, s *Services, q Question) (api.Status, error) {
	since := q.Since
	if s.Alive() == 0 && !s.Wanted() {
		return f.Summary(s, since), nil
	}
	seen, err := f.look(ctx, s, q)
	if err != nil {
		return api.Status{}, err
	}
	steady := s.Server.settled()
	endpoint, err := f.endpoint(ctx, seen.server, steady)
	if err != nil {
		return api.Status{}, err
	}
	status := f.status(s, seen, endpoint != "", since)
	status.Endpoint = endpoint
	if q.Tasks {
		status.Server.Tasks = describe(seen.server, steady)
		status.Workers.Tasks = describe(seen.workers, s.Workers.settled())
	} else {
		status.Server.Failures, status.Workers.Failures = nil, nil
	}
	return status, nil
}

// look asks for no more tasks than there is something to learn from.
func (f *Fleet) look(ctx context.Context, s *Services, q Question) (*tasks, error) {
	failing := s.Server.failing(q.Since) || s.Workers.failing(q.Since)
	if !q.Tasks && !failing {
		return f.serverTask(ctx, s)
	}
	return f.allTasks(ctx, s, failing || s.Server.suspicious(q) || s.Workers.suspicious(q))
}

func (f *Fleet) status(s *Services, seen *tasks, ready bool, since time.Time) api.Status {
	out := api.Status{Server: service(&s.Server), Workers: service(&s.Workers)}
	out.Server.Failures = f.failures(seen.stopped, f.names.Server, since)
	out.Workers.Failures = f.failures(seen.stopped, f.names.Workers, since)
	out.State = state(s, ready, since)
	var problems []string
	if p := f.problem(&s.Server, out.Server.Failures, since); p != "" {
		problems = append(problems, "server: "+p)
	}
	if p := f.problem(&s.Workers, out.Workers.Failures, since); p != "" {
		problems = append(problems, "workers: "+p)
	}
	if s.Crossed() {
		problems = append(problems, "workers are wanted without a server; run `bbf up` or `bbf down`")
	}
	out.Problem = strings.Join(problems, "\n")
	return out
}

func service(s *Service) api.Service {
	return api.Service{Desired: int(s.DesiredCount), Running: int(s.RunningCount), Pending: int(s.PendingCount)}
}

// state is the cluster's, in one word.
func state(s *Services, ready bool, since time.Time) string {
	switch {
	case !s.Wanted() && s.Alive() == 0:
		return api.StateDown
	case !s.Wanted():
		return api.StateStopping
	case s.Server.failing(since) && !ready, s.Workers.failing(since) && s.Workers.RunningCount == 0:
		return api.StateFailing
	case !ready, s.Workers.DesiredCount > 0 && s.Workers.RunningCount == 0:
		return api.StateStarting
	}
	return api.StateUp
}
