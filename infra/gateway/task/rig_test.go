package task_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/task"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
	"github.com/bbf-build/bbf/tools/engine"
)

// gateway is a running one.
type gateway struct {
	address, proxy, redis, metrics string
	log                            *lines
	task                           *task.Task
	stop                           func() // as SIGTERM, and waits for the end
}

var tomorrow = time.Now().Add(20 * time.Hour)

func start(t testing.TB, authority *certificates.Authority, o task.Options) *gateway {
	t.Helper()
	g := &gateway{log: &lines{}}
	if o.Role == "" {
		o.Role = certificates.RoleServer
	}
	o.Cluster, o.Log = testrig.Cluster, slog.New(slog.NewTextHandler(g.log, nil))
	if o.Source == nil {
		o.Source = testrig.Bundle(t, authority, o.Role, "task1", tomorrow)
	}
	if o.Bound == 0 {
		o.Bound = 5 * time.Second
	}
	l := task.Listeners{Front: testrig.Listen(t), Proxy: testrig.Listen(t), Metrics: testrig.Listen(t)}
	g.address, g.proxy, g.metrics = l.Front.Addr().String(), l.Proxy.Addr().String(), l.Metrics.Addr().String()
	if o.Role == certificates.RoleWorker {
		l.Redis = testrig.Listen(t)
		g.redis = l.Redis.Addr().String()
	}
	if o.Port == "" {
		_, o.Port, _ = net.SplitHostPort(g.address)
	}
	g.task = task.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.task.Run(ctx, l) }()
	g.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(g.stop)
	return g
}

// lines are what was logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// client is a REAPI client as anybody would write one.
type client struct {
	conn         *grpc.ClientConn
	cas          repb.ContentAddressableStorageClient
	capabilities repb.CapabilitiesClient
	results      repb.ActionCacheClient
	execution    repb.ExecutionClient
	bytes        bytestream.ByteStreamClient
}

func dial(t testing.TB, address string, c credentials.TransportCredentials, opts ...grpc.DialOption) *client {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+address, append(opts, grpc.WithTransportCredentials(c),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(32<<20)))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &client{
		conn: conn, cas: repb.NewContentAddressableStorageClient(conn), capabilities: repb.NewCapabilitiesClient(conn),
		results: repb.NewActionCacheClient(conn), execution: repb.NewExecutionClient(conn), bytes: bytestream.NewByteStreamClient(conn),
	}
}

func with(source certificates.Source) credentials.TransportCredentials {
	return credentials.NewTLS(certificates.ClientTLS(source, testrig.Cluster, certificates.RoleServer))
}

func plaintext() credentials.TransportCredentials { return insecure.NewCredentials() }

// blob is random bytes, and the name that ByteStream has for them.
func blob(size int) ([]byte, *repb.Digest) {
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(data)
	sum := sha256.Sum256(data)
	return data, &repb.Digest{Hash: hex.EncodeToString(sum[:]), SizeBytes: int64(size)}
}

func (c *client) upload(ctx context.Context, data []byte, d *repb.Digest) error {
	stream, err := c.bytes.Write(ctx)
	if err != nil {
		return err
	}
	name := "uploads/11111111-1111-4111-8111-" + d.Hash[:12] + "/blobs/" + d.Hash + "/" + size(d)
	for at := 0; at < len(data) || at == 0; {
		n := min(len(data)-at, 1<<20)
		if err := stream.Send(&bytestream.WriteRequest{
			ResourceName: name, WriteOffset: int64(at), FinishWrite: at+n == len(data), Data: data[at : at+n],
		}); err != nil && err != io.EOF {
			return err
		} else if err == io.EOF {
			break
		}
		if at += n; n == 0 {
			break
		}
	}
	_, err = stream.CloseAndRecv()
	return err
}

func (c *client) download(ctx context.Context, d *repb.Digest, each func([]byte)) error {
	stream, err := c.bytes.Read(ctx, &bytestream.ReadRequest{ResourceName: "blobs/" + d.Hash + "/" + size(d)})
	if err != nil {
		return err
	}
	for {
		r, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		each(r.Data)
	}
}

func size(d *repb.Digest) string { return strconv.FormatInt(d.SizeBytes, 10) }

func (c *client) ask(ctx context.Context) error {
	_, err := c.capabilities.GetCapabilities(ctx, &repb.GetCapabilitiesRequest{})
	return err
}

// refused checks a call's end.
func refused(t *testing.T, err error, code codes.Code, words string) {
	t.Helper()
	if s := status.Convert(err); s.Code() != code || !strings.Contains(s.Message(), words) {
		t.Errorf("got %v; should be %v: … %s …", err, code, words)
	}
}

func short(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// startEngine starts our engine, in the place of Buildfarm and in plaintext, and returns its address, and what ends it before the test does.
func startEngine(t testing.TB) (address string, stop func()) {
	t.Helper()
	e, err := engine.New(engine.Config{Cache: filepath.Join(t.TempDir(), "cache"), MaxBytes: 8 << 30, Slots: 2, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	l := testrig.Listen(t)
	served := make(chan error, 1)
	go func() { served <- e.Serve(l) }()
	stop = func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		e.Stop(ctx)
	}
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String(), stop
}
