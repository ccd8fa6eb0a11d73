package refuse_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

// listen serves every connection with a refusal, after some of its bytes have been read.
func listen(t *testing.T, r *refuse.Refusal) (socket string, served chan struct{}) {
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	served = make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				early := make([]byte, 10)
				n, _ := c.Read(early)
				refuse.Serve(context.Background(), c, early[:n], r)
				served <- struct{}{}
			}()
		}
	}()
	return socket, served
}

func TestEveryCallIsRefusedInWords(t *testing.T) {
	for want, r := range map[string]*refuse.Refusal{
		"rpc error: code = PermissionDenied desc = your session has expired; next: aws sso login": refuse.Denied(cluster.WithNext(errors.New("your session\n  has expired"), "aws sso login")),
		"rpc error: code = Unavailable desc = the moon is full":                                   refuse.Of(errors.New("the moon is full")),
	} {
		socket, served := listen(t, r)
		conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = repb.NewCapabilitiesClient(conn).GetCapabilities(t.Context(), &repb.GetCapabilitiesRequest{})
		if err == nil || err.Error() != want {
			t.Errorf("unary: %v, want %s", err, want)
		}
		<-served // the connection has ended, and the next call makes a new one
		stream, err := repb.NewExecutionClient(conn).Execute(t.Context(), &repb.ExecuteRequest{})
		if err == nil {
			_, err = stream.Recv()
		}
		if err == nil || err.Error() != want {
			t.Errorf("stream: %v, want %s", err, want)
		}
		<-served
	}
}

func TestCallsThatCameTogetherAreAllAnswered(t *testing.T) {
	socket, _ := listen(t, refuse.Denied(errors.New("no")))
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	errs := make(chan error)
	for range 50 {
		go func() {
			_, err := repb.NewCapabilitiesClient(conn).GetCapabilities(ctx, &repb.GetCapabilitiesRequest{})
			errs <- err
		}()
	}
	for range 50 {
		if err := <-errs; status.Code(err) != codes.PermissionDenied {
			t.Error(err)
		}
	}
}

func TestEndsWithTheClient(t *testing.T) {
	socket, served := listen(t, refuse.Unavailable(errors.New("no")))
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("PRI * HTTP/2"))
	c.Close()
	select {
	case <-served:
	case <-time.After(5 * time.Second):
		t.Error("it goes on without a client")
	}
}
