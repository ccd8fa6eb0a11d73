// Package follow knows where the server of a cluster is, as long as anybody wants to know. A server that doesn't answer any more is looked for
// by asking the manager, and a cluster that has gone idle is woken. Whoever waits for the server waits here, all of them for the same calls of
// the manager.
package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
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
	st, err := s.looks.get(ctx)
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

// visit is one call of Reach.
type visit struct {
	server  *Server
	address string
	start   time.Time
	woken   bool
	looks   int
	last    api.Status
	refused time.Time // since when the address that the manager tells doesn't answer
}

// deaf is how many Paces a server that runs, as the manager says, may not answer: ECS takes a while to notice that a task is gone.
const deaf = 90

func (v *visit) run(ctx context.Context, try func(context.Context, string) error) error {
	s := v.server
	for {
		if v.address != "" {
			err := try(ctx, v.address)
			if err == nil || errors.As(err, new(*refuse.Refusal)) || ctx.Err() != nil {
				return err
			}
			s.Lost(v.address, err)
			if v.refused.IsZero() {
				v.refused = time.Now()
			}
			if time.Since(v.refused) > deaf*s.Pace {
				return cluster.WithNext(fmt.Errorf("the server of %s runs, as its manager says, but can't be reached at %s: %w", s.Cluster, v.address, err),
					"look whether a firewall between here and AWS lets port 8980 through; "+cluster.Command("status")+" shows the server")
			}
		}
		if err := v.look(ctx); err != nil {
			return err
		}
	}
}

// look asks the manager where the server is, and has it woken when it is nowhere.
func (v *visit) look(ctx context.Context) error {
	s := v.server
	if err := v.pause(ctx); err != nil {
		return err
	}
	st, err := s.Ask(ctx)
	if err != nil {
		return refuse.Explain(s.Cluster, err)
	}
	v.last = st
	if a := s.Address(); a != v.address {
		v.address, v.refused = a, time.Time{}
	}
	switch st.State {
	case api.StateFailing:
		return failing(ctx, s, st)
	case api.StateDown, api.StateStopping:
		if v.woken {
			return cluster.WithNext(fmt.Errorf("somebody has taken the cluster %s down while this build waited for it", s.Cluster), cluster.Command("up"))
		}
		v.woken = true
		if _, err := s.wakes.get(ctx); err != nil {
			return refuse.Explain(s.Cluster, err)
		}
	}
	return nil
}

// pause makes the looks rarer the longer it takes, up to one in five Paces.
func (v *visit) pause(ctx context.Context) error {
	t := time.NewTimer(time.Duration(min(v.looks/5, 5)) * v.server.Pace)
	defer t.Stop()
	v.looks++
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

func (v *visit) tooLong() error {
	return cluster.WithNext(fmt.Errorf("after %s the cluster %s is still %s: %s", time.Since(v.start).Round(time.Second), v.server.Cluster, v.last.State, reason(v.last)),
		"it goes on starting: build again in a minute, or look with "+cluster.Command("status"))
}
