package task

import (
	"context"
	"crypto/x509"
	"net"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/front"
	"github.com/bbf-build/bbf/infra/gateway/relay"
	"github.com/bbf-build/bbf/infra/gateway/roles"
)

// gate decides about the calls of one client.
type gate struct {
	task *Task
	*front.Client
}

// Begin counts a call that is allowed.
func (g gate) Begin(path string) (end func(), refused *relay.Refusal) {
	if refused = g.check(path); refused != nil {
		g.task.denied.add(string(g.Who.Role))
		g.task.Log.Warn("a call is refused", "who", g.Who.String(), "path", path, "code", refused.Code.String())
		return nil, refused
	}
	return g.task.Calls.Begin(), nil
}

func (g gate) check(path string) *relay.Refusal {
	if end := g.Leaf.NotAfter; time.Now().After(end) {
		return relay.Refuse(codes.Unauthenticated, "the client's certificate has expired at %s; `bbf up` gets another", end.UTC().Format(time.RFC3339))
	}
	return roles.Check(g.Who, path)
}

// A client whose certificate ends is asked to come again with its next one a little before. Calls that are open then may go on for a while.
const (
	before = time.Minute
	after  = time.Hour
)

// serveCalls passes gRPC calls to Buildfarm's server.
func (t *Task) serveCalls(drain context.Context, c *front.Client) {
	backend, err := t.dialBackend()
	if err != nil {
		t.Log.Warn("Buildfarm doesn't answer", "error", err)
		relay.RefuseAll(c, relay.Refuse(codes.Unavailable, "the gateway is there, but not Buildfarm behind it: it is starting, or its task will be replaced"))
		return
	}
	r := relay.New(c, backend, gate{t, c})
	defer context.AfterFunc(drain, func() { t.drain(r, t.Bound, "the gateway is being replaced or goes down") })()
	renew := time.AfterFunc(ends(c.Leaf), func() { t.drain(r, after, "the client's certificate ends") })
	defer renew.Stop()
	if err := r.Run(); err != nil {
		t.Log.Warn("a client is cut off", "who", c.Who.String(), "error", err)
	}
}

// ends is when to ask a client to come again. One who comes shortly before its certificate's end has no other.
func ends(leaf *x509.Certificate) time.Duration {
	left := time.Until(leaf.NotAfter)
	if left > before {
		return left - before
	}
	return left
}

func (t *Task) drain(r *relay.Relay, bound time.Duration, why string) {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	r.Drain(ctx, why)
}

// serveWorkersHTTP2 tells who calls a worker as if it were the server.
func (t *Task) serveWorkersHTTP2(_ context.Context, c *front.Client) {
	t.denied.add(string(c.Who.Role))
	relay.RefuseAll(c, relay.Refuse(codes.PermissionDenied, "this is a worker of the cluster %s, which takes calls from other tasks only; call its server", t.Cluster))
}

// dialBackend connects to Buildfarm. It may have just begun to start.
func (t *Task) dialBackend() (net.Conn, error) {
	var err error
	for range 10 {
		var c net.Conn
		if c, err = net.DialTimeout("tcp", t.Backend, time.Second); err == nil {
			return c, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, err
}

// may says whether a client is of one of the roles.
func (t *Task) may(c *front.Client, allowed ...certificates.Role) bool {
	for _, r := range allowed {
		if c.Who.Role == r {
			return true
		}
	}
	t.denied.add(string(c.Who.Role))
	t.Log.Warn("a connection is refused: it is for tasks of the cluster", "who", c.Who.String(), "from", c.RemoteAddr().String())
	return false
}
