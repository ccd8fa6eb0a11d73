package agent_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/agent"
	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/agent/testcluster"
)

// TestMain lets the test's own program be the daemon, which Up starts as `bbf agent`.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != "agent" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	p, err := agent.FindPaths(os.Getenv)
	if err == nil {
		err = agent.Run(ctx, p, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// place is where one test's agent lives, which is stopped behind it.
type place struct {
	*agent.Control
	paths agent.Paths
}

func newPlace(t testing.TB) place {
	t.Helper()
	dir, err := os.MkdirTemp("", "bbf") // t.TempDir's paths are long, and sockets' must not be
	if err != nil {
		t.Fatal(err)
	}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // restores it behind the test
			os.Unsetenv(name)
		}
	}
	for name, value := range map[string]string{"BBF_CACHE": filepath.Join(dir, "c"), "HOME": dir, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"} {
		t.Setenv(name, value)
	}
	p, err := agent.FindPaths(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	c, err := agent.NewControl(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s, err := c.Status(context.Background())
		if errors.Is(err, agent.ErrDown) {
			err = nil
		}
		for _, cluster := range s.Clusters {
			if _, e := c.Forget(context.Background(), cluster.Cluster, quiet); e != nil {
				err = e
			}
		}
		if log, _ := os.ReadFile(filepath.Join(p.Folder(), "agent.log")); t.Failed() || err != nil {
			t.Logf("%v; its log:\n%s", err, log)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return place{c, p}
}

func quiet(string) {}

// request is one of a workspace of its own.
func request(t testing.TB, c *testcluster.Cluster, change ...func(*access.Cluster)) agent.UpRequest {
	r := agent.UpRequest{Cluster: access.Cluster{Name: testcluster.Name, Region: "eu-west-1", Bucket: "acme-builds", FunctionURL: c.URL}, Workspace: t.TempDir(), Progress: quiet}
	for _, f := range change {
		f(&r.Cluster)
	}
	return r
}

func up(t testing.TB, p place, r agent.UpRequest) agent.UpResult {
	t.Helper()
	res, err := p.Up(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func ask(t *testing.T, endpoint string) error {
	t.Helper()
	conn := testcluster.Dial(t, strings.TrimPrefix(endpoint, "unix:"))
	defer conn.Close()
	_, err := repb.NewCapabilitiesClient(conn).GetCapabilities(t.Context(), &repb.GetCapabilitiesRequest{})
	return err
}

func TestUp(t *testing.T) {
	p, c := newPlace(t), testcluster.New(t)
	c.Start()
	res := up(t, p, request(t, c))
	if !res.Started || res.Endpoint != p.paths.Endpoint(testcluster.Name) {
		t.Errorf("%+v", res)
	}
	if err := ask(t, res.Endpoint); err != nil {
		t.Fatal(err)
	}
	s, err := p.Status(t.Context())
	if err != nil || len(s.Clusters) != 1 || s.PID == os.Getpid() || s.Resident > 60<<20 {
		t.Fatalf("%+v, %v", s, err)
	}
	got := s.Clusters[0]
	if got.Server != c.Server().Address || got.State != api.StateUp || got.Total != 1 || got.Certificate.Role != certificates.RoleBuilder || got.Certificate.NotAfter.IsZero() {
		t.Errorf("%+v", got)
	}
	for path, mode := range map[string]os.FileMode{p.paths.Folder(): 0o700, p.paths.Socket(testcluster.Name): 0o600, filepath.Join(p.paths.Sockets, "control"): 0o600} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
}

func TestTwoUpsAtOnceStartOneAgent(t *testing.T) {
	p, c := newPlace(t), testcluster.New(t)
	c.Start()
	type outcome struct {
		agent.UpResult
		err error
	}
	outcomes := make(chan outcome)
	for range 4 {
		r := request(t, c)
		go func() { res, err := p.Up(t.Context(), r); outcomes <- outcome{res, err} }()
	}
	started := 0
	for range 4 {
		o := <-outcomes
		if o.err != nil {
			t.Error(o.err)
		}
		if o.Started {
			started++
		}
	}
	s, err := p.Status(t.Context())
	if err != nil || started != 1 || len(s.Clusters) != 1 || len(s.Clusters[0].Workspaces) != 4 {
		t.Errorf("%d were started; %+v, %v", started, s, err)
	}
}

func TestUpAgain(t *testing.T) {
	p, c := newPlace(t), testcluster.New(t)
	c.Start()
	r := request(t, c)
	endpoint := up(t, p, r).Endpoint
	if err := ask(t, endpoint); err != nil {
		t.Fatal(err)
	}

	t.Run("WhenNothingIsNew", func(t *testing.T) {
		before := c.Asked(api.PathCertificate)
		if res := up(t, p, r); res.Started || res.Endpoint != endpoint {
			t.Errorf("%+v", res)
		}
		if err := ask(t, endpoint); err != nil || c.Asked(api.PathCertificate) != before {
			t.Errorf("%v, %d certificates", err, c.Asked(api.PathCertificate))
		}
	})

	t.Run("WithOtherCredentials", func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "AKIB")
		if res := up(t, p, r); res.Started {
			t.Error("another agent was started")
		}
		before := c.Asked(api.PathCertificate)
		if err := ask(t, endpoint); err != nil || c.Asked(api.PathCertificate) != before+1 {
			t.Errorf("%v: the new credentials were not used", err)
		}
	})

	t.Run("WhenSomebodyRemovedTheSocket", func(t *testing.T) {
		if err := os.Remove(p.paths.Socket(testcluster.Name)); err != nil {
			t.Fatal(err)
		}
		up(t, p, r)
		if err := ask(t, endpoint); err != nil {
			t.Error(err)
		}
	})

	t.Run("WhenTheNameIsTaken", func(t *testing.T) {
		_, err := p.Up(t.Context(), request(t, c, func(c *access.Cluster) { c.Bucket = "another" }))
		if err == nil || !strings.Contains(err.Error(), "there is another cluster called acme already") || !strings.Contains(err.Error(), r.Workspace) {
			t.Error(err)
		}
	})
}

func TestOpenCallsOutliveAnotherUp(t *testing.T) {
	p, c := newPlace(t), testcluster.New(t)
	c.Start()
	r := request(t, c)
	conn := testcluster.Dial(t, strings.TrimPrefix(up(t, p, r).Endpoint, "unix:"))
	stream, err := repb.NewExecutionClient(conn).Execute(t.Context(), &repb.ExecuteRequest{})
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIB")
	up(t, p, r)
	c.Server().Release()
	if op, err := stream.Recv(); err != nil || !op.Done {
		t.Errorf("%v, %v", op, err)
	}
}

func TestAgentThatWasKilled(t *testing.T) {
	p, c := newPlace(t), testcluster.New(t)
	c.Start()
	r := request(t, c)
	other := request(t, c, func(c *access.Cluster) { c.Name, c.Bucket = "other", "other" })
	up(t, p, r)
	endpoint := up(t, p, other).Endpoint
	s, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(s.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	testcluster.Until(t, "it is gone", func() bool { _, err := p.Status(t.Context()); return errors.Is(err, agent.ErrDown) })
	if res := up(t, p, r); !res.Started || ask(t, res.Endpoint) != nil {
		t.Errorf("%+v", res)
	}
	// The other cluster has its socket again, but nobody has its keys.
	if err := ask(t, endpoint); status.Code(err) != codes.PermissionDenied || !strings.Contains(err.Error(), "doesn't write them to disk; next: bbf up") {
		t.Error(err)
	}
	if file, err := os.ReadFile(filepath.Join(p.paths.Folder(), "clusters.json")); err != nil || strings.Contains(string(file), "AKI") || strings.Contains(string(file), "secret") {
		t.Errorf("%s, %v", file, err)
	}
}

func TestForget(t *testing.T) {
	p, c := newPlace(t), testcluster.New(t)
	c.Start()
	r := request(t, c)
	up(t, p, r)
	up(t, p, request(t, c, func(c *access.Cluster) { c.Name, c.Bucket = "other", "other" }))
	roots, err := p.Forget(t.Context(), testcluster.Name, quiet)
	if err != nil || !slices.Equal(roots, []string{r.Workspace}) {
		t.Errorf("%v, %v", roots, err)
	}
	if _, err := os.Stat(p.paths.Socket(testcluster.Name)); !os.IsNotExist(err) {
		t.Errorf("its socket: %v", err)
	}
	if s, err := p.Status(t.Context()); err != nil || len(s.Clusters) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := p.Forget(t.Context(), "other", quiet); err != nil {
		t.Error(err)
	}
	if _, err := p.Status(t.Context()); !errors.Is(err, agent.ErrDown) {
		t.Errorf("the agent goes on without a cluster: %v", err)
	}
	if roots, err := p.Forget(t.Context(), "other", quiet); err != nil || len(roots) > 0 {
		t.Errorf("once more: %v, %v", roots, err)
	}
}

func TestNothingHalfMadeStays(t *testing.T) {
	t.Run("WhenTheWorkspaceCantBeWritten", func(t *testing.T) {
		p, c := newPlace(t), testcluster.New(t)
		r := request(t, c)
		r.Commit = func(agent.UpResult) error { return os.ErrPermission }
		if _, err := p.Up(t.Context(), r); !errors.Is(err, os.ErrPermission) {
			t.Error(err)
		}
		if _, err := p.Status(t.Context()); !errors.Is(err, agent.ErrDown) {
			t.Error(err)
		}
	})
	t.Run("OnCtrlC", func(t *testing.T) {
		p, c := newPlace(t), testcluster.New(t)
		ctx, cancel := context.WithCancel(t.Context())
		r := request(t, c)
		r.Progress = func(m string) {
			if m == "starting the agent" {
				cancel()
			}
		}
		if _, err := p.Up(ctx, r); err == nil {
			t.Error("nothing happened")
		}
		if _, err := p.Status(t.Context()); !errors.Is(err, agent.ErrDown) {
			t.Error(err)
		}
	})
}

func TestClusterOfMakesFoldersAbsolute(t *testing.T) {
	c := access.ClusterOf(&schema.Config{Cluster: "acme", Auth: schema.Auth{Simple: &schema.SimpleAuth{Folder: "certs"}}}, "/ws", "https://x/")
	if c.Auth.Simple.Folder != "/ws/certs" {
		t.Errorf("%+v", c)
	}
}
