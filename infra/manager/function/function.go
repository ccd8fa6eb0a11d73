// Package function is the manager itself: what the Lambda function does with an event. An event is either a request that came through the
// Function URL, whose caller IAM has made sure of, or the schedule's {"bbf":"tick"}. Nobody but Lambda and those whom IAM lets invoke the
// function directly can make events; a request's body is never taken for one.
package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/state"
)

// Function holds what outlives an event. It is safe for concurrent use.
type Function struct {
	Cluster string
	Fleet   *fleet.Fleet
	Store   *state.Store
	Log     *slog.Logger
	Now     func() time.Time
	Sleep   func(context.Context, time.Duration) error
}

// spare is the time left, of what Lambda gives an event, to say that there wasn't enough.
const spare = 2 * time.Second

// Invoke answers an event.
func (f *Function) Invoke(ctx context.Context, event json.RawMessage) (answer any, err error) {
	log := f.Log.With("request", requestID(ctx))
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-spare))
		defer cancel()
	}
	var kind struct {
		Version string `json:"version"`
		BBF     string `json:"bbf"`
	}
	if err := json.Unmarshal(event, &kind); err != nil {
		return nil, fmt.Errorf("the event is not JSON: %w", err)
	}
	switch {
	case kind.Version == "2.0":
		var request events.LambdaFunctionURLRequest
		if err := json.Unmarshal(event, &request); err != nil {
			return nil, fmt.Errorf("the event is no Function URL's: %w", err)
		}
		return f.serve(ctx, log, request), nil
	case kind.BBF == "tick":
		return nil, f.survive(log, func() error { return f.tick(ctx, log) })
	}
	return nil, errors.New("the event is neither a Function URL's nor a tick")
}

// survive turns a panic into an error: a crash would take the function's memory and the next request's time with it.
func (f *Function) survive(log *slog.Logger, do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("panic", "value", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = errors.New("the manager has a bug")
		}
	}()
	return do()
}

// requestID is Lambda's, by which the log is searched.
func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// account is the one that the function is in, by its ARN, arn:PARTITION:lambda:REGION:ACCOUNT:…; "" when Lambda doesn't say.
func account(ctx context.Context) string {
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return ""
	}
	if f := strings.Split(lc.InvokedFunctionArn, ":"); len(f) > 4 {
		return f[4]
	}
	return ""
}
