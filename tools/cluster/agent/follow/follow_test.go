package follow_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/follow"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// fakeManager gives its statuses one by one; the last one stays. Up goes over to the statuses of a cluster that starts.
type fakeManager struct {
	mu       sync.Mutex
	statuses []api.Status
	starting []api.Status
	err      error
	asked    []time.Time
	ups      int
}

func (f *fakeManager) Status(context.Context, bool) (api.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, time.Now())
	s := f.statuses[0]
	if len(f.statuses) > 1 {
		f.statuses = f.statuses[1:]
	}
	return s, f.err
}

func (f *fakeManager) Up(context.Context, api.UpRequest) (api.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ups++
	if len(f.starting) > 0 {
		f.statuses = f.starting
	}
	return f.statuses[0], f.err
}

const pace = 5 * time.Millisecond

func server(m follow.Manager, change ...func(*follow.Options)) *follow.Server {
	o := follow.Options{Cluster: "acme", Manager: m, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Pace: pace}
	for _, f := range change {
		f(&o)
	}
	return follow.New(o)
}

func up(address string) api.Status {
	return api.Status{State: api.StateUp, Endpoint: "grpcs://" + address + ":8980"}
}

func state(s string) api.Status { return api.Status{State: s} }

// at is a server at an address: whoever tries another one is refused the connection.
func at(address string) func(context.Context, string) error {
	return func(_ context.Context, a string) error {
		if a != address+":8980" {
			return errors.New("connection refused")
		}
		return nil
	}
}

func TestFollowsTheServer(t *testing.T) {
	m := &fakeManager{statuses: []api.Status{up("198.51.100.1"), up("198.51.100.1"), state(api.StateStarting), up("198.51.100.2")}}
	s := server(m)
	for _, address := range []string{"198.51.100.1", "198.51.100.1", "198.51.100.2"} {
		if err := s.Reach(t.Context(), at(address)); err != nil {
			t.Fatal(err)
		}
		if s.Address() != address+":8980" {
			t.Errorf("it is at %s, not %s", s.Address(), address)
		}
	}
	if m.ups != 0 || len(m.asked) != 4 {
		t.Errorf("%d times up, %d looks", m.ups, len(m.asked))
	}
}

func TestWakesAnIdleCluster(t *testing.T) {
	m := &fakeManager{statuses: []api.Status{state(api.StateDown)}, starting: []api.Status{state(api.StateStarting), state(api.StateStarting), up("198.51.100.1")}}
	s := server(m)
	errs := make(chan error)
	for range 100 {
		go func() { errs <- s.Reach(t.Context(), at("198.51.100.1")) }()
	}
	for range 100 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if m.ups != 1 {
		t.Errorf("woken %d times", m.ups)
	}
	for i := range m.asked[1:] {
		if d := m.asked[i+1].Sub(m.asked[i]); d < pace {
			t.Errorf("asked again after %s", d)
		}
	}
}

func TestRefusals(t *testing.T) {
	forbidden := cluster.WithNext(&manager.Error{HTTP: 403, Manager: true, Answer: api.Error{Code: "forbidden", Message: "up needs the role builder, and you are a reader"}}, "ask ann")
	for name, test := range map[string]struct {
		manager *fakeManager
		code    codes.Code
		says    string
		next    string
	}{
		"ARefusedRole":        {&fakeManager{statuses: []api.Status{state(api.StateDown)}, err: forbidden}, codes.PermissionDenied, "cluster acme: up needs the role builder", "ask ann"},
		"AnExpiredSession":    {&fakeManager{statuses: []api.Status{{}}, err: cluster.WithNext(&manager.Error{HTTP: 403, Answer: api.Error{Message: "your session has expired"}}, "aws sso login")}, codes.PermissionDenied, "your session has expired", "aws sso login"},
		"NoCredentials":       {&fakeManager{statuses: []api.Status{{}}, err: refuse.Denied(errors.New("no credentials"))}, codes.PermissionDenied, "no credentials", ""},
		"AnUnreachable":       {&fakeManager{statuses: []api.Status{{}}, err: errors.New("the manager can't be reached: no route to host")}, codes.Unavailable, "no route to host", "bbf doctor"},
		"AManagerThatIsGone":  {&fakeManager{statuses: []api.Status{{}}, err: &manager.Error{HTTP: 404}}, codes.PermissionDenied, "isn't where it was", "bbf up"},
		"AClusterThatFails":   {&fakeManager{statuses: []api.Status{state(api.StateDown)}, starting: []api.Status{{State: api.StateFailing, Problem: "the image of the server can't be pulled"}}}, codes.Unavailable, "doesn't start: the image of the server can't be pulled", "bbf status"},
		"AClusterTakenDown":   {&fakeManager{statuses: []api.Status{state(api.StateDown)}, starting: []api.Status{state(api.StateStarting), state(api.StateDown)}}, codes.Unavailable, "somebody has taken the cluster acme down", "bbf up"},
		"AServerThatIsSilent": {&fakeManager{statuses: []api.Status{up("198.51.100.9")}}, codes.Unavailable, "can't be reached at 198.51.100.9:8980: connection refused", "firewall"},
		"ASlowCluster":        {&fakeManager{statuses: []api.Status{{State: api.StateStarting, Problem: "no capacity for Fargate in the zone"}}}, codes.Unavailable, "the cluster acme is still starting: no capacity", "build again"},
	} {
		t.Run(name, func(t *testing.T) {
			s := server(test.manager, func(o *follow.Options) {
				if name == "ASlowCluster" {
					o.Patience = 20 * pace
				}
			})
			err := s.Reach(t.Context(), at("198.51.100.1"))
			var r *refuse.Refusal
			if !errors.As(err, &r) || r.Code != test.code || !strings.Contains(r.Words(), test.says) || !strings.Contains(cluster.Next(err), test.next) {
				t.Fatalf("%v; next: %s", err, cluster.Next(err))
			}
			asked := len(test.manager.asked)
			again := s.Reach(t.Context(), at("198.51.100.1"))
			if remembered := len(test.manager.asked) == asked && again == error(r); remembered != (test.code == codes.Unavailable) {
				t.Errorf("right behind it: %v, %d more questions", again, len(test.manager.asked)-asked)
			}
		})
	}
}

func TestARefusalOfTheServerEndsIt(t *testing.T) {
	m := &fakeManager{statuses: []api.Status{up("198.51.100.1")}}
	r := refuse.Denied(errors.New("the gateway refused the certificate"))
	if err := server(m).Reach(t.Context(), func(context.Context, string) error { return r }); err != error(r) {
		t.Error(err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	m := &fakeManager{statuses: []api.Status{state(api.StateStarting)}}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the client is gone")
	time.AfterFunc(3*pace, func() { cancel(gone) })
	if err := server(m).Reach(ctx, at("")); err != gone {
		t.Error(err)
	}
}
