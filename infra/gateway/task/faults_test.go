package task_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/task"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
)

// patient is a backend whose reads last until they are cancelled or released.
type patient struct {
	bytestream.UnimplementedByteStreamServer
	began, cancelled atomic.Int64
	release          chan struct{}
}

func (p *patient) Read(_ *bytestream.ReadRequest, out bytestream.ByteStream_ReadServer) error {
	if err := out.Send(&bytestream.ReadResponse{Data: []byte("first")}); err != nil {
		return err
	}
	p.began.Add(1)
	select {
	case <-out.Context().Done():
		p.cancelled.Add(1)
		return out.Context().Err()
	case <-p.release:
		return out.Send(&bytestream.ReadResponse{Data: []byte("last")})
	}
}

func (p *patient) QueryWriteStatus(context.Context, *bytestream.QueryWriteStatusRequest) (*bytestream.QueryWriteStatusResponse, error) {
	return &bytestream.QueryWriteStatusResponse{}, nil
}

// rig is a gateway with a patient backend, and a builder.
func rig(t *testing.T, end time.Time, change func(*task.Options)) (*patient, *gateway, *client, *grpc.Server) {
	authority := testrig.Authority(t)
	p, l, s := &patient{release: make(chan struct{})}, testrig.Listen(t), grpc.NewServer()
	bytestream.RegisterByteStreamServer(s, p)
	go s.Serve(l)
	t.Cleanup(s.Stop)
	o := task.Options{Backend: l.Addr().String()}
	if change != nil {
		change(&o)
	}
	g := start(t, authority, o)
	return p, g, dial(t, g.address, with(testrig.Bundle(t, authority, certificates.RoleBuilder, "arn:aws:iam::1:user/a", end))), s
}

// read begins a call that lasts.
func read(t *testing.T, ctx context.Context, c *client) bytestream.ByteStream_ReadClient {
	t.Helper()
	s, err := c.bytes.Read(ctx, &bytestream.ReadRequest{ResourceName: "x"})
	if err == nil {
		_, err = s.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func query(ctx context.Context, c *client) error {
	_, err := c.bytes.QueryWriteStatus(ctx, &bytestream.QueryWriteStatusRequest{})
	return err
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came about that %s", what)
		}
	}
}

func open(g *gateway) int { open, _ := g.task.Calls.Now(); return open }

func TestACancelledCallIsCancelledAtTheBackend(t *testing.T) {
	p, g, c, _ := rig(t, tomorrow, nil)
	for n := range 20 {
		ctx, cancel := context.WithCancel(short(t))
		read(t, ctx, c)
		if open(g) != 1 {
			t.Fatalf("%d calls are open", open(g))
		}
		cancel()
		eventually(t, "the backend heard of it", func() bool { return p.cancelled.Load() == int64(n+1) })
		eventually(t, "the call is no longer open", func() bool { return open(g) == 0 })
	}
	if err := query(short(t), c); err != nil {
		t.Errorf("after that: %v", err)
	}
}

func TestAClientThatVanishesLeavesNoCall(t *testing.T) {
	p, g, c, _ := rig(t, tomorrow, nil)
	read(t, short(t), c)
	c.conn.Close()
	eventually(t, "the backend heard of it", func() bool { return p.cancelled.Load() == 1 })
	eventually(t, "the call is no longer open", func() bool { return open(g) == 0 })
}

func TestABackendThatDiesEndsCallsInWords(t *testing.T) {
	_, g, c, s := rig(t, tomorrow, nil)
	stream := read(t, short(t), c)
	s.Stop()
	_, err := stream.Recv()
	refused(t, err, codes.Unavailable, "the connection to Buildfarm was lost")
	eventually(t, "the call is no longer open", func() bool { return open(g) == 0 })
	refused(t, query(short(t), c), codes.Unavailable, "but not Buildfarm behind it")
}

func TestDrain(t *testing.T) {
	t.Run("LetsCallsEnd", func(t *testing.T) {
		p, g, c, _ := rig(t, tomorrow, nil)
		stream := read(t, short(t), c)
		stopped := make(chan struct{})
		go func() { g.stop(); close(stopped) }()
		eventually(t, "nobody is let in", func() bool {
			k, err := net.Dial("tcp", g.address)
			if err == nil {
				k.Close()
			}
			return err != nil
		})
		select {
		case <-stopped:
			t.Fatal("the gateway has ended before the call")
		case <-time.After(time.Second): // longer than the notice
		}
		close(p.release)
		for _, want := range []string{"last", ""} {
			r, err := stream.Recv()
			if want != "" && (err != nil || string(r.Data) != want) || want == "" && status.Code(err) == codes.Unavailable {
				t.Errorf("got %v, %v", r, err)
			}
		}
		<-stopped
		if p.cancelled.Load() != 0 {
			t.Error("the call was cut off")
		}
	})
	t.Run("ButNotForEver", func(t *testing.T) {
		p, g, c, _ := rig(t, tomorrow, func(o *task.Options) { o.Bound = 2 * time.Second })
		read(t, short(t), c)
		begin := time.Now()
		g.stop()
		if took := time.Since(begin); took < time.Second || took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		eventually(t, "the backend heard of it", func() bool { return p.cancelled.Load() == 1 })
	})
	t.Run("AnIdleClientComesAgain", func(t *testing.T) {
		_, g, c, _ := rig(t, tomorrow, nil)
		if err := query(short(t), c); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		g.stop()
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("it took %v to end with nothing open", took)
		}
	})
}

func TestACertificateThatEndsWhileConnected(t *testing.T) {
	p, g, c, _ := rig(t, time.Now().Add(3*time.Second), nil)
	stream := read(t, short(t), c)
	eventually(t, "it has ended", func() bool { return status.Code(query(short(t), c)) == codes.Unauthenticated })
	refused(t, query(short(t), c), codes.Unauthenticated, "has expired at")
	close(p.release) // what was open goes on
	if r, err := stream.Recv(); err != nil || string(r.Data) != "last" {
		t.Errorf("got %v, %v", r, err)
	}
	eventually(t, "the call is no longer open", func() bool { return open(g) == 0 })
}

func TestWhoIsRevokedIsCutOff(t *testing.T) {
	var list atomic.Pointer[certificates.Revoked]
	list.Store(&certificates.Revoked{})
	authority := testrig.Authority(t)
	revocations := certificates.NewRevocations(testrig.Bundle(t, authority, certificates.RoleServer, "s", tomorrow),
		func(context.Context) ([]byte, error) { return json.Marshal(list.Load()) })
	if err := revocations.Refresh(short(t)); err != nil {
		t.Fatal(err)
	}
	p, l, s := &patient{release: make(chan struct{})}, testrig.Listen(t), grpc.NewServer()
	bytestream.RegisterByteStreamServer(s, p)
	go s.Serve(l)
	t.Cleanup(s.Stop)
	g := start(t, authority, task.Options{Backend: l.Addr().String(), Source: revocations,
		Guard: func(leaf *x509.Certificate, cut func(error)) func() { return revocations.Guard(leaf, cut) }})
	c := dial(t, g.address, with(testrig.Bundle(t, authority, certificates.RoleBuilder, "arn:aws:iam::1:user/gone", tomorrow)))
	stream := read(t, short(t), c)
	list.Store(&certificates.Revoked{Names: []string{"arn:aws:iam::1:user/gone"}})
	if err := revocations.Refresh(short(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the call ended with %v", err)
	}
	eventually(t, "the backend heard of it", func() bool { return p.cancelled.Load() == 1 })
	refused(t, query(short(t), c), codes.Unauthenticated, "is revoked")
}

// TestGarbage sends 500 handshakes a second that aren't any, and as many connections that say nothing.
func TestGarbage(t *testing.T) {
	_, g, c, _ := rig(t, tomorrow, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var sent atomic.Int64
	for kind := range 2 {
		go func() {
			for ctx.Err() == nil {
				k, err := net.Dial("tcp", g.address)
				if err != nil {
					continue
				}
				if kind == 0 {
					fmt.Fprint(k, strings.Repeat("\x16\x03\x01 garbage", 20))
					k.Close()
				} else {
					context.AfterFunc(ctx, func() { k.Close() })
				}
				sent.Add(1)
				time.Sleep(2 * time.Millisecond)
			}
		}()
	}
	var slowest time.Duration
	n := 0
	for ; ctx.Err() == nil; n++ {
		begin := time.Now()
		if err := query(short(t), c); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(begin))
		if n%100 == 0 { // newcomers too
			fresh := dial(t, g.address, with(testrig.Bundle(t, testrig.Authority(t), certificates.RoleBuilder, "b", tomorrow)))
			if code := status.Code(fresh.ask(short(t))); code == codes.OK || code == codes.DeadlineExceeded {
				t.Fatalf("a newcomer got %v", code)
			}
		}
	}
	if lines := strings.Count(g.log.String(), "\n"); lines == 0 {
		t.Error("nothing was logged")
	}
	t.Logf("%d calls among %d connections of garbage, the slowest took %v", n, sent.Load(), slowest)
	if slowest > 5*time.Second {
		t.Errorf("a call took %v", slowest)
	}
}

func TestMetricsAndHealth(t *testing.T) {
	_, g, c, s := rig(t, tomorrow, nil)
	if err := query(short(t), c); err != nil {
		t.Fatal(err)
	}
	read(t, short(t), c)
	all := get(t, g, "/metrics", http.StatusOK)
	for _, line := range []string{"bbf_calls_open 1", "bbf_calls_total 2", `bbf_connections_total{result="accepted"} 1`, "# TYPE bbf_calls_open gauge"} {
		if !strings.Contains(all, line+"\n") {
			t.Errorf("there is no %q in\n%s", line, all)
		}
	}
	get(t, g, "/healthz", http.StatusOK) // the backend answers, though with UNIMPLEMENTED
	s.Stop()
	if words := get(t, g, "/healthz", http.StatusServiceUnavailable); !strings.Contains(words, "no answer from Buildfarm") {
		t.Errorf("got %q", words)
	}
}

func get(t *testing.T, g *gateway, path string, want int) string {
	t.Helper()
	r, err := http.Get("http://" + g.metrics + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var b strings.Builder
	if err := r.Write(&b); err != nil || r.StatusCode != want {
		t.Errorf("%s: %s, %v", path, r.Status, err)
	}
	return b.String()
}
