package execution

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/execroot"
	"github.com/bbf-build/bbf/tools/engine/sandbox"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// commandNotStarted is the exit code that shells give to a command that can't be started.
const commandNotStarted = 127

// execute takes an operation from the queue to its response.
func (x *Executor) execute(ctx context.Context, o *operation, j *job, loadErr error) *repb.ExecuteResponse {
	if loadErr != nil {
		return &repb.ExecuteResponse{Status: statusOf(loadErr)}
	}
	meta := &repb.ExecutedActionMetadata{Worker: x.Worker, QueuedTimestamp: timestamppb.New(o.created)}
	result := &repb.ActionResult{ExecutionMetadata: meta}
	err := x.perform(ctx, o, j, result)
	meta.WorkerCompletedTimestamp = timestamppb.Now()
	if ctx.Err() != nil && x.ctx.Err() != nil {
		err = context.Cause(x.ctx)
	}
	if err != nil && status.Code(err) != codes.DeadlineExceeded {
		if ctx.Err() == nil {
			x.Log.Warn("the action could not be executed", "action", o.Action, "target", o.Target, "error", err)
		}
		return &repb.ExecuteResponse{Status: statusOf(err)}
	}
	x.executed.Add(1)
	if result.GetExitCode() != 0 || err != nil {
		x.failed.Add(1)
	}
	if err == nil && result.GetExitCode() == 0 && !j.action.GetDoNotCache() {
		// Before the response: what a client was told is done survives whatever happens to this process.
		if err := x.Results.Put(ctx, o.Instance, o.Action, result); err != nil {
			return &repb.ExecuteResponse{Status: statusOf(err)}
		}
	}
	return &repb.ExecuteResponse{Result: x.inlineLogs(result), Status: statusOf(err)}
}

// perform executes the action and fills in the result. After a timeout the error is DeadlineExceeded and the result
// holds what there was by then.
func (x *Executor) perform(ctx context.Context, o *operation, j *job, result *repb.ActionResult) error {
	if err := x.places.Acquire(ctx, o.Priority); err != nil {
		return err
	}
	defer x.places.Release()

	result.ExecutionMetadata.WorkerStartTimestamp = timestamppb.Now()
	for range attempts {
		again, err := x.attempt(ctx, o, j, result)
		if !again {
			return err
		}
		x.Log.Warn("files of the cache were deleted while an action ran", "action", o.Action, "target", o.Target)
	}
	return status.Errorf(codes.Aborted, "the action ran %d times, and each time somebody deleted its inputs from the cache's folder meanwhile", attempts)
}

// attempts is how often an action is run whose inputs disappear while it runs.
const attempts = 3

// attempt makes the exec root, runs the command in it and gathers what it made. It says again when the command failed over
// inputs that somebody deleted meanwhile.
func (x *Executor) attempt(ctx context.Context, o *operation, j *job, result *repb.ActionResult) (again bool, err error) {
	meta := result.ExecutionMetadata
	meta.InputFetchStartTimestamp = timestamppb.Now()
	root, err := x.Roots.Build(ctx, j.command, j.root, j.outputs)
	if err != nil {
		return false, err
	}
	defer root.Remove()
	meta.InputFetchCompletedTimestamp = timestamppb.Now()

	logs, err := openLogs(root)
	if err != nil {
		return false, err
	}
	defer logs.Close()
	ran, err := x.runInSlot(ctx, o, j, root, logs, meta)
	if err != nil {
		return false, err
	}
	if ran.ExitCode != 0 && !ran.TimedOut && root.Harmed() {
		return true, nil
	}
	meta.ExecutionStartTimestamp = timestamppb.New(ran.Started)
	meta.ExecutionCompletedTimestamp = timestamppb.New(ran.Ended)
	meta.VirtualExecutionDuration = durationpb.New(ran.Ended.Sub(ran.Started))

	meta.OutputUploadStartTimestamp = timestamppb.Now()
	result.ExitCode = int32(ran.ExitCode)
	if err := root.Collect(ctx, result); err != nil {
		return false, err
	}
	if err := logs.store(x.Store, result); err != nil {
		return false, err
	}
	meta.OutputUploadCompletedTimestamp = timestamppb.Now()
	if ran.TimedOut {
		return false, status.Errorf(codes.DeadlineExceeded, "the action did not end within its timeout of %v", j.timeout)
	}
	return false, nil
}

// runInSlot runs the command once a slot is free.
func (x *Executor) runInSlot(ctx context.Context, o *operation, j *job, root *execroot.Root, logs *logs, meta *repb.ExecutedActionMetadata) (sandbox.Result, error) {
	if err := x.slots.Acquire(ctx, o.Priority); err != nil {
		return sandbox.Result{}, err
	}
	defer x.slots.Release()
	known := proto.Clone(meta).(*repb.ExecutedActionMetadata)
	known.ExecutionStartTimestamp = timestamppb.Now()
	o.update(func() {
		o.stage, o.started, o.partial = repb.ExecutionStage_EXECUTING, time.Now(), known
	})
	env := make([]string, 0, len(j.command.GetEnvironmentVariables()))
	for _, v := range j.command.GetEnvironmentVariables() {
		env = append(env, v.GetName()+"="+v.GetValue())
	}
	ran, err := x.Sandbox.Run(ctx, sandbox.Spec{
		Args: j.command.GetArguments(), Env: env, Dir: j.command.GetWorkingDirectory(),
		Root: root.Layers(), Tmp: root.Tmp(),
		Stdout: logs.stdout, Stderr: logs.stderr,
		Timeout: j.timeout, Network: j.network,
	})
	var notStarted *sandbox.StartError
	if errors.As(err, &notStarted) {
		// The action's own mistake, told the way a shell does.
		if _, err := fmt.Fprintln(logs.stderr, notStarted.Error()); err != nil {
			return ran, err
		}
		now := time.Now()
		return sandbox.Result{ExitCode: commandNotStarted, Started: now, Ended: now}, nil
	}
	return ran, err
}

// statusOf is the status that an error has for the client.
func statusOf(err error) *statusProto {
	switch {
	case err == nil:
		return status.New(codes.OK, "").Proto()
	case errors.Is(err, context.Canceled):
		return status.New(codes.Canceled, "nobody waits for the action any more").Proto()
	case missing(err) != nil:
		return missing(err).Proto()
	case errors.Is(err, os.ErrNotExist), status.Code(err) == codes.Unknown:
		return status.New(codes.Internal, err.Error()).Proto()
	default:
		return status.Convert(err).Proto()
	}
}
