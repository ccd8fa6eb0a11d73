// Package probe finds out whether an endpoint of the Remote Execution API really executes actions.
package probe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Result is what a probe that succeeded saw.
type Result struct {
	Worker string        // the machine that ran the action, in its own words
	Took   time.Duration // from the first upload to the verified output
}

// Run uploads an action that nobody can have run before, executes it, fetches its output and compares the bytes.
// It needs no program in the action's world but /bin/sh. Errors keep their gRPC code.
func Run(ctx context.Context, conn grpc.ClientConnInterface) (Result, error) {
	start, salt := time.Now(), rand.Text()
	action, blobs, err := salted(salt)
	if err != nil {
		return Result{}, err
	}
	if err := upload(ctx, conn, blobs); err != nil {
		return Result{}, fmt.Errorf("probe action: uploading: %w", err)
	}
	r, err := execute(ctx, conn, action)
	if err != nil {
		return Result{}, fmt.Errorf("probe action: executing: %w", err)
	}
	if r.GetCachedResult() {
		return Result{}, errors.New("probe action: the answer came from a cache, though nobody can have run it before")
	}
	ar := r.GetResult()
	if ar.GetExitCode() != 0 {
		return Result{}, fmt.Errorf("probe action: /bin/sh ended with code %d, saying %q", ar.GetExitCode(), ar.GetStderrRaw())
	}
	if n := len(ar.GetOutputFiles()); n != 1 || ar.GetOutputFiles()[0].GetPath() != outputPath {
		return Result{}, fmt.Errorf("probe action: the result has %d output files, not the one that was asked for", n)
	}
	got, err := fetch(ctx, conn, ar.GetOutputFiles()[0].GetDigest())
	if err != nil {
		return Result{}, fmt.Errorf("probe action: fetching its output: %w", err)
	}
	if want := "saw " + salt; string(got) != want {
		return Result{}, fmt.Errorf("probe action: its output is %q, not %q", got, want)
	}
	return Result{Worker: ar.GetExecutionMetadata().GetWorker(), Took: time.Since(start)}, nil
}

func upload(ctx context.Context, conn grpc.ClientConnInterface, blobs [][]byte) error {
	req := &repb.BatchUpdateBlobsRequest{}
	for _, b := range blobs {
		req.Requests = append(req.Requests, &repb.BatchUpdateBlobsRequest_Request{Digest: digest.Of(b).Proto(), Data: b})
	}
	res, err := repb.NewContentAddressableStorageClient(conn).BatchUpdateBlobs(ctx, req)
	if err != nil {
		return err
	}
	for _, r := range res.GetResponses() {
		if err := status.ErrorProto(r.GetStatus()); err != nil {
			return err
		}
	}
	return nil
}

func execute(ctx context.Context, conn grpc.ClientConnInterface, action digest.Digest) (*repb.ExecuteResponse, error) {
	stream, err := repb.NewExecutionClient(conn).Execute(ctx, &repb.ExecuteRequest{ActionDigest: action.Proto(), SkipCacheLookup: true})
	if err != nil {
		return nil, err
	}
	for {
		op, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil, status.Error(codes.Unavailable, "the stream ended before the action did")
		}
		if err != nil {
			return nil, err
		}
		if op.GetDone() {
			return unpack(op)
		}
	}
}

func unpack(op *longrunningpb.Operation) (*repb.ExecuteResponse, error) {
	if err := status.ErrorProto(op.GetError()); err != nil {
		return nil, err
	}
	var r repb.ExecuteResponse
	if err := op.GetResponse().UnmarshalTo(&r); err != nil {
		return nil, fmt.Errorf("reading the response: %w", err)
	}
	return &r, status.ErrorProto(r.GetStatus())
}

func fetch(ctx context.Context, conn grpc.ClientConnInterface, d *repb.Digest) ([]byte, error) {
	res, err := repb.NewContentAddressableStorageClient(conn).BatchReadBlobs(ctx, &repb.BatchReadBlobsRequest{Digests: []*repb.Digest{d}})
	if err != nil {
		return nil, err
	}
	if n := len(res.GetResponses()); n != 1 {
		return nil, fmt.Errorf("%d answers came to one question", n)
	}
	return res.GetResponses()[0].GetData(), status.ErrorProto(res.GetResponses()[0].GetStatus())
}
