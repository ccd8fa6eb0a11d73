package server

import (
	"context"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execution"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Executor is what the Execution service needs of package execution.
type Executor interface {
	Execute(ctx context.Context, r execution.Request, send func(execution.State) error) error
	Wait(ctx context.Context, name string, send func(execution.State) error) error
}

// executionService is build.bazel.remote.execution.v2.Execution.
type executionService struct {
	repb.UnimplementedExecutionServer
	executor Executor
	inliner  inliner
}

// Execute implements Execution.Execute.
func (s *executionService) Execute(r *repb.ExecuteRequest, stream repb.Execution_ExecuteServer) error {
	if err := checkDigestFunction(r.GetDigestFunction()); err != nil {
		return err
	}
	action, err := digest.FromProto("action_digest", r.GetActionDigest())
	if err != nil {
		return err
	}
	mnemonic, target := requestMetadata(stream.Context())
	return s.executor.Execute(stream.Context(), execution.Request{
		Instance:        r.GetInstanceName(),
		Action:          action,
		SkipCacheLookup: r.GetSkipCacheLookup(),
		Priority:        r.GetExecutionPolicy().GetPriority(),
		Mnemonic:        mnemonic,
		Target:          target,
	}, func(state execution.State) error {
		if result := state.Response.GetResult(); result != nil && len(r.GetInlineOutputFiles()) > 0 {
			state.Response = proto.Clone(state.Response).(*repb.ExecuteResponse)
			s.inliner.inlineFiles(state.Response.GetResult(), r.GetInlineOutputFiles())
		}
		return sendOperation(stream, state)
	})
}

// WaitExecution implements Execution.WaitExecution.
func (s *executionService) WaitExecution(r *repb.WaitExecutionRequest, stream repb.Execution_WaitExecutionServer) error {
	if r.GetName() == "" {
		return status.Error(codes.InvalidArgument, "name: no operation is named")
	}
	return s.executor.Wait(stream.Context(), r.GetName(), func(state execution.State) error {
		return sendOperation(stream, state)
	})
}

func sendOperation(stream interface {
	Send(*longrunningpb.Operation) error
}, state execution.State) error {
	meta, err := anypb.New(&repb.ExecuteOperationMetadata{
		Stage:                    state.Stage,
		ActionDigest:             state.Action.Proto(),
		PartialExecutionMetadata: state.Partial,
		DigestFunction:           repb.DigestFunction_SHA256,
	})
	if err != nil {
		return status.Errorf(codes.Internal, "failed to pack the operation's metadata: %v", err)
	}
	o := &longrunningpb.Operation{Name: state.Name, Metadata: meta}
	if state.Response != nil {
		response, err := anypb.New(state.Response)
		if err != nil {
			return status.Errorf(codes.Internal, "failed to pack the response: %v", err)
		}
		o.Done, o.Result = true, &longrunningpb.Operation_Response{Response: response}
	}
	return stream.Send(o)
}

// requestMetadata is what the client says of the build that an action belongs to; it may say nothing
// (remote_execution.proto, RequestMetadata).
func requestMetadata(ctx context.Context) (mnemonic, target string) {
	values := metadata.ValueFromIncomingContext(ctx, "build.bazel.remote.execution.v2.requestmetadata-bin")
	m := &repb.RequestMetadata{}
	if len(values) == 0 || proto.Unmarshal([]byte(values[0]), m) != nil {
		return "", ""
	}
	return m.GetActionMnemonic(), m.GetTargetId()
}
