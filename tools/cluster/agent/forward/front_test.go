package forward_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/agent/follow"
	"github.com/bbf-build/bbf/tools/cluster/agent/forward"
	"github.com/bbf-build/bbf/tools/cluster/agent/testcluster"
)

const pace = 20 * time.Millisecond

// serve opens a front for a cluster.
func serve(t testing.TB, c *testcluster.Cluster, change ...func(*follow.Options)) (*forward.Front, string) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	o := follow.Options{Cluster: testcluster.Name, Manager: c.Manager(), Log: log, Pace: pace}
	for _, f := range change {
		f(&o)
	}
	server := follow.New(o)
	f := forward.New(testcluster.Name, forward.Way{Server: server, Certificates: access.NewCertificate(testcluster.Name, c, server.Caller)}, log)
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go f.Serve(l)
	t.Cleanup(func() { l.Close(); f.Close() })
	return f, socket
}

func ask(ctx context.Context, conn grpc.ClientConnInterface) error {
	_, err := repb.NewCapabilitiesClient(conn).GetCapabilities(ctx, &repb.GetCapabilitiesRequest{})
	return err
}

// execute begins an action, and returns how it ends.
func execute(t *testing.T, conn grpc.ClientConnInterface) func() error {
	t.Helper()
	stream, err := repb.NewExecutionClient(conn).Execute(t.Context(), &repb.ExecuteRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	return func() error { _, err := stream.Recv(); return err }
}

func TestForwards(t *testing.T) {
	c := testcluster.New(t)
	s := c.Start()
	f, socket := serve(t, c)
	for range 3 {
		if err := ask(t.Context(), testcluster.Dial(t, socket)); err != nil {
			t.Fatal(err)
		}
	}
	want := certificates.Identity{Cluster: testcluster.Name, Role: certificates.RoleBuilder, Name: testcluster.Caller.ARN}.String()
	if seen := s.Seen(); len(seen) != 3 || seen[0] != want {
		t.Errorf("the server saw %v, not %s", seen, want)
	}
	if a, k := c.Asked(api.PathStatus), c.Asked("certificate"); a != 1 || k != 1 {
		t.Errorf("the manager was asked %d times, and gave %d certificates", a, k)
	}
	if st := f.Status(); st.Connections != 3 || st.Total != 3 || st.Sent == 0 || st.Received == 0 || st.Problem != nil {
		t.Errorf("%+v", st)
	}
}

func TestWakesAnIdleClusterAndHoldsTheCalls(t *testing.T) {
	c := testcluster.New(t)
	c.Starts = 5
	f, socket := serve(t, c)
	errs := make(chan error)
	for range 10 {
		conn := testcluster.Dial(t, socket)
		go func() { errs <- ask(t.Context(), conn) }()
	}
	testcluster.Until(t, "clients wait", func() bool { return f.Status().Waiting > 0 })
	for range 10 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if c.Asked(api.PathUp) != 1 {
		t.Errorf("woken %d times", c.Asked(api.PathUp))
	}
	if s := f.Status(); s.Waiting != 0 || s.Total != 10 {
		t.Errorf("%+v", s)
	}
}

func TestFollowsTheServer(t *testing.T) {
	c := testcluster.New(t)
	first := c.Start()
	_, socket := serve(t, c)
	conn := testcluster.Dial(t, socket)
	if err := ask(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	end := execute(t, conn)
	c.Change(func(c *testcluster.Cluster) { c.Status.State, c.Status.Endpoint, c.Starts = api.StateStarting, "", 3 })
	first.Kill()
	if err := end(); status.Code(err) != codes.Unavailable {
		t.Errorf("a call that was under way ended with %v", err)
	}
	if err := ask(t.Context(), conn); err != nil {
		t.Error(err)
	}
	if s := c.Server(); s == first || len(s.Seen()) != 1 {
		t.Error("the new server wasn't asked")
	}
	if n := c.Asked(api.PathUp); n != 0 {
		t.Errorf("woken %d times", n)
	}
}

func TestRefusalsAsBazelSeesThem(t *testing.T) {
	readers := api.Error{Code: "forbidden", Message: "up needs the role builder; you are a reader", Next: "ask ann", Needed: api.RoleBuilder}
	for name, test := range map[string]struct {
		prepare func(*testcluster.Cluster)
		code    codes.Code
		says    []string
	}{
		"WhenTheRoleIsRefused": {func(c *testcluster.Cluster) { c.Refuse = &testcluster.Refusal{HTTP: 403, Error: readers} }, codes.PermissionDenied, []string{"up needs the role builder", "next: ask ann"}},
		"WhenTheSessionHasExpired": {func(c *testcluster.Cluster) {
			c.Refuse = &testcluster.Refusal{HTTP: 403, Error: api.Error{Message: "The security token included in the request is expired"}}
		}, codes.PermissionDenied, []string{"your session has expired", "aws sso login"}},
		"WhenTheManagerCrashes": {func(c *testcluster.Cluster) { c.Refuse = &testcluster.Refusal{HTTP: 502} }, codes.Unavailable, []string{"the manager failed (HTTP 502)", "doctor"}},
		"WhenTheManagerIsAway":  {func(c *testcluster.Cluster) { c.URL = "http://127.0.0.1:1/" }, codes.Unavailable, []string{"the manager can't be reached", "connection refused"}},
		"WhenTheClusterCantStart": {func(c *testcluster.Cluster) {
			c.Status.State, c.Status.Problem = api.StateFailing, "the image acme/server can't be pulled: not found"
		}, codes.Unavailable, []string{"the cluster acme doesn't start: the image acme/server can't be pulled", "bbf status"}},
		"WhenTheServerCantBeReached": {func(c *testcluster.Cluster) {
			c.Status.State, c.Status.Endpoint = api.StateUp, "grpcs://127.0.0.1:1"
		}, codes.Unavailable, []string{"can't be reached at 127.0.0.1:1", "port 8980"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := testcluster.New(t)
			test.prepare(c)
			f, socket := serve(t, c)
			err := ask(t.Context(), testcluster.Dial(t, socket))
			if status.Code(err) != test.code {
				t.Errorf("%v", err)
			}
			for _, words := range test.says {
				if !strings.Contains(status.Convert(err).Message(), words) {
					t.Errorf("%v lacks %q", err, words)
				}
			}
			if p := f.Status().Problem; p == nil || p.Text == "" {
				t.Error("the status doesn't tell")
			}
		})
	}
}

func TestComesBackAfterARefusal(t *testing.T) {
	c := testcluster.New(t)
	c.Start()
	c.Refuse = &testcluster.Refusal{HTTP: 403, Error: api.Error{Message: "The security token included in the request is expired"}}
	_, socket := serve(t, c)
	conn := testcluster.Dial(t, socket)
	if err := ask(t.Context(), conn); status.Code(err) != codes.PermissionDenied {
		t.Fatal(err)
	}
	c.Change(func(c *testcluster.Cluster) { c.Refuse = nil }) // the user has logged in
	testcluster.Until(t, "the connection with the refusal has ended", func() bool { return ask(t.Context(), conn) == nil })
}

func TestCertificates(t *testing.T) {
	t.Run("WhenOneEndsWithCallsOpen", func(t *testing.T) {
		c := testcluster.New(t)
		c.Start()
		c.Validity = time.Second
		_, socket := serve(t, c)
		conn := testcluster.Dial(t, socket)
		end := execute(t, conn)
		c.Change(func(c *testcluster.Cluster) { c.Validity = time.Hour })
		<-time.After(1100 * time.Millisecond) // what is waited for is the clock
		if err := ask(t.Context(), testcluster.Dial(t, socket)); err != nil {
			t.Error(err)
		}
		if err := ask(t.Context(), conn); err != nil {
			t.Errorf("over the connection that was open: %v", err)
		}
		c.Server().Release()
		if err := end(); err != nil {
			t.Errorf("the open call: %v", err)
		}
		if n := c.Asked("certificate"); n != 2 {
			t.Errorf("%d certificates", n)
		}
	})

	t.Run("WhenTheAuthorityIsReplaced", func(t *testing.T) {
		c := testcluster.New(t)
		old := c.Start()
		_, socket := serve(t, c)
		if err := ask(t.Context(), testcluster.Dial(t, socket)); err != nil {
			t.Fatal(err)
		}
		a, err := certificates.NewAuthority(testcluster.Name, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		c.Change(func(c *testcluster.Cluster) { c.Authority = a })
		c.Start()
		old.Kill()
		if err := ask(t.Context(), testcluster.Dial(t, socket)); err != nil {
			t.Error(err)
		}
	})

	t.Run("WhenTheGatewayRefusesIt", func(t *testing.T) {
		c := testcluster.New(t)
		c.Start()
		stranger, err := certificates.NewAuthority(testcluster.Name, time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		f, socket := serve(t, c)
		f.Use(forward.Way{Server: follow.New(follow.Options{Cluster: testcluster.Name, Manager: c.Manager(), Log: slog.Default(), Pace: pace}), Certificates: wrong{c, stranger}})
		err = ask(t.Context(), testcluster.Dial(t, socket))
		if status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), "the gateway of acme refused your certificate") {
			t.Error(err)
		}
	})
}

func TestCtrlC(t *testing.T) {
	c := testcluster.New(t)
	c.Starts = 1 << 30
	f, socket := serve(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	conn := testcluster.Dial(t, socket)
	ended := make(chan error)
	go func() { ended <- ask(ctx, conn) }()
	testcluster.Until(t, "the client waits", func() bool { return c.Asked(api.PathUp) == 1 })
	cancel()
	if err := <-ended; status.Code(err) != codes.Canceled {
		t.Error(err)
	}
	conn.Close()
	testcluster.Until(t, "nobody waits", func() bool { return f.Status().Waiting == 0 })
	asked := c.Asked(api.PathStatus)
	<-time.After(10 * pace)
	if more := c.Asked(api.PathStatus) - asked; more > 1 {
		t.Errorf("the manager was asked %d times for nobody", more)
	}
	if p := f.Status().Problem; p != nil {
		t.Errorf("that's no problem: %+v", p)
	}
}

// Only who speaks wakes a cluster, and costs money.
func TestSilentClient(t *testing.T) {
	c := testcluster.New(t)
	f, socket := serve(t, c)
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	testcluster.Until(t, "it is there", func() bool { return f.Status().Waiting == 1 })
	conn.Close()
	testcluster.Until(t, "it is gone", func() bool { return f.Status().Waiting == 0 })
	if n := c.Asked(api.PathStatus) + c.Asked(api.PathUp); n != 0 {
		t.Errorf("the manager was asked %d times", n)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	c := testcluster.New(t)
	c.Start()
	f, socket := serve(t, c)
	end := execute(t, testcluster.Dial(t, socket))
	f.Close()
	if err := end(); status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
	if s := f.Status(); s.Connections != 0 {
		t.Errorf("%+v", s)
	}
}
