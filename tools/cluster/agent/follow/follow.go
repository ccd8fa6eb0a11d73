// Package follow knows where the server of a cluster is, as long as anybody wants to know. A server that doesn't answer any more is looked for
// by asking the manager, and a cluster that has gone idle is woken. Whoever waits for the server waits here, all of them for the same calls of
// the manager.
package follow

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

// Manager is what is asked. *manager.Client is one.
type Manager interface {
	Status(ctx context.Context, tasks bool) (api.Status, error)
	Up(ctx context.Context, r api.UpRequest) (api.Status, error)
}

// Options of a Server.
type Options struct {
	Cluster  string
	Manager  Manager
	Log      *slog.Logger
	Pace     time.Duration // the shortest time between two questions to the manager; 0 is a second
	Patience time.Duration // the longest wait for a server; 0 is five minutes
}

// Server is the server of a cluster, wherever it is. It is safe for concurrent use.
type Server struct {
	Options
	looks asker
	wakes asker

	mu      sync.Mutex
	address string     // host:port, "" while it isn't known
	last    api.Status // what the manager said last
	failed  *refuse.Refusal
	when    time.Time // of failed
}

// New makes no call.
func New(o Options) *Server {
	if o.Pace == 0 {
		o.Pace = time.Second
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Minute
	}
	s := &Server{Options: o}
	s.looks = asker{pace: o.Pace, ask: func(ctx context.Context) (api.Status, error) { return o.Manager.Status(ctx, false) }}
	s.wakes = asker{pace: 2 * o.Pace, ask: func(ctx context.Context) (api.Status, error) {
		o.Log.Info("waking the cluster", "cluster", o.Cluster)
		return o.Manager.Up(ctx, api.UpRequest{})
	}}
	return s
}

// Address is where the server was seen last, "" while that isn't known.
func (s *Server) Address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// State is what the manager said last, a zero Status before that.
func (s *Server) State() api.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Caller is who the user is to the manager, as it said last.
func (s *Server) Caller(ctx context.Context) (api.Caller, error) {
	st := s.State()
	if st.Caller == (api.Caller{}) {
		var err error
		if st, err = s.Ask(ctx); err != nil {
			return api.Caller{}, refuse.Explain(s.Cluster, err)
		}
	}
	return st.Caller, nil
}

// Ask asks the manager, and remembers what it says.
func (s *Server) Ask(ctx context.Context) (api.Status, error) {
	st, err := s.looks.get(ctx, time.Now())
	if err != nil {
		return st, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = st
	s.address = ""
	if st.State == api.StateUp {
		s.address = strings.TrimPrefix(st.Endpoint, "grpcs://")
	}
	return st, nil
}

// Reach calls try with the server's address until that succeeds, or fails with a *refuse.Refusal: any other error means that the server isn't
// there. What is returned is a *refuse.Refusal too, unless ctx has ended.
func (s *Server) Reach(ctx context.Context, try func(ctx context.Context, address string) error) error {
	if r := s.recent(); r != nil {
		return r
	}
	limited, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	v := visit{server: s, address: s.Address(), start: time.Now()}
	err := v.run(limited, try)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		err = v.tooLong()
	}
	return s.remember(refuse.Of(err))
}

// memory is how many Paces a refusal holds for those who come next: Bazel comes again at once, several times.
const memory = 5

// recent is the refusal of those who came just before; only of the kind that one waits for.
func (s *Server) recent() *refuse.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil && time.Since(s.when) < memory*s.Pace {
		return s.failed
	}
	return nil
}

func (s *Server) remember(r *refuse.Refusal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = nil
	if r.Code == codes.Unavailable {
		s.failed, s.when = r, time.Now()
	}
	return r
}

// Lost forgets an address at which nobody answers, unless another is known by now. It is called too when a connection to the server has
// failed: the next one asks the manager first.
func (s *Server) Lost(address string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.address == address {
		s.address = ""
		s.Log.Info("the server isn't there", "cluster", s.Cluster, "address", address, "error", err)
	}
}
