package probe_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	gstatus "google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/bbf-build/bbf/tools/cluster/probe"
)

// liar is an endpoint that answers, but doesn't do what it says.
type liar struct {
	repb.UnimplementedContentAddressableStorageServer
	repb.UnimplementedExecutionServer
	upload *status.Status
	answer *repb.ExecuteResponse // nil: the stream just ends
	output string
}

func (l *liar) BatchUpdateBlobs(_ context.Context, r *repb.BatchUpdateBlobsRequest) (*repb.BatchUpdateBlobsResponse, error) {
	return &repb.BatchUpdateBlobsResponse{Responses: []*repb.BatchUpdateBlobsResponse_Response{{Status: l.upload}}}, nil
}

func (l *liar) BatchReadBlobs(context.Context, *repb.BatchReadBlobsRequest) (*repb.BatchReadBlobsResponse, error) {
	return &repb.BatchReadBlobsResponse{Responses: []*repb.BatchReadBlobsResponse_Response{{Data: []byte(l.output)}}}, nil
}

func (l *liar) Execute(_ *repb.ExecuteRequest, s repb.Execution_ExecuteServer) error {
	if l.answer == nil {
		return nil
	}
	response, err := anypb.New(l.answer)
	if err != nil {
		return err
	}
	return s.Send(&longrunningpb.Operation{Done: true, Result: &longrunningpb.Operation_Response{Response: response}})
}

func TestRun(t *testing.T) {
	done := &repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: "out/answer", Digest: &repb.Digest{}}}}
	for _, c := range []struct {
		name string
		liar liar
		want string
		code codes.Code
	}{
		{"WhenUploadsAreRefused", liar{upload: &status.Status{Code: int32(codes.ResourceExhausted), Message: "full"}}, "uploading", codes.ResourceExhausted},
		{"WhenTheStreamJustEnds", liar{}, "the stream ended", codes.Unavailable},
		{"WhenExecutionFails", liar{answer: &repb.ExecuteResponse{Status: &status.Status{Code: int32(codes.Internal), Message: "no sandbox"}}}, "no sandbox", codes.Internal},
		{"WhenTheCommandFails", liar{answer: &repb.ExecuteResponse{Result: &repb.ActionResult{ExitCode: 127, StderrRaw: []byte("no sh")}}}, "no sh", codes.Unknown},
		{"WhenItSaysThatItWasCached", liar{answer: &repb.ExecuteResponse{Result: done, CachedResult: true}}, "from a cache", codes.Unknown},
		{"WhenThereIsNoOutput", liar{answer: &repb.ExecuteResponse{Result: &repb.ActionResult{}}}, "0 output files", codes.Unknown},
		{"WhenTheOutputIsMadeUp", liar{answer: &repb.ExecuteResponse{Result: done}, output: "saw nothing"}, "its output is", codes.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := probe.Run(context.Background(), serve(t, &c.liar))
			if err == nil || !strings.Contains(err.Error(), c.want) || gstatus.Code(err) != c.code {
				t.Fatalf("%v (%v)", err, gstatus.Code(err))
			}
		})
	}
}

func serve(t *testing.T, l *liar) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	s := grpc.NewServer()
	repb.RegisterContentAddressableStorageServer(s, l)
	repb.RegisterExecutionServer(s, l)
	go s.Serve(listener)
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient("passthrough:///liar", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
