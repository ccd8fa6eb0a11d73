package function

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/bbf-build/bbf/infra/manager/access"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
)

// request is one that has a route, and a caller who may take it.
type request struct {
	body     []byte
	query    map[string]string
	caller   api.Caller
	access   access.List
	deployed *state.Deployed
	log      *slog.Logger
}

// serve answers a request and writes one line about it to the log.
func (f *Function) serve(ctx context.Context, log *slog.Logger, event events.LambdaFunctionURLRequest) events.LambdaFunctionURLResponse {
	start := f.Now()
	var answer any
	r := &request{log: log, caller: api.Caller{ARN: callerARN(event)}, query: event.QueryStringParameters}
	err := f.survive(log, func() (err error) {
		answer, err = f.route(ctx, r, event)
		return err
	})
	status := http.StatusOK
	if err != nil {
		refused := f.refused(ctx, err)
		status, answer = refused.status, refused.body
	}
	line := []any{"caller", r.caller.ARN, "role", r.caller.Role, "method", event.RequestContext.HTTP.Method, "path", event.RawPath,
		"status", status, "ms", f.Now().Sub(start).Milliseconds()}
	if err != nil {
		line = append(line, "error", err.Error())
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
		level = slog.LevelError
	}
	log.Log(ctx, level, "request", line...)
	return respond(status, answer)
}

// route finds out what is asked and whether the caller may, and does it.
func (f *Function) route(ctx context.Context, r *request, event events.LambdaFunctionURLRequest) (any, error) {
	route, err := find(event.RequestContext.HTTP.Method, event.RawPath)
	if err != nil {
		return nil, err
	}
	if r.body, err = body(event); err != nil {
		return nil, err
	}
	if r.deployed, err = f.Store.Deployed(ctx); err != nil {
		return nil, err
	}
	r.access = access.New(r.deployed.Config.Access, account(ctx), r.deployed.By)
	// Actions can use the credentials of the task that they run in, so a task is nobody, whatever the access list says.
	if _, task := f.tasks(ctx, r).Task(r.caller.ARN); !task {
		r.caller.Role = r.access.Role(r.caller.ARN)
	}
	if err := r.need(route.needs); err != nil {
		return nil, err
	}
	return route.do(f, ctx, r)
}

// callerARN is who IAM says it is; "" when the URL doesn't ask IAM, which gives no role at all.
func callerARN(event events.LambdaFunctionURLRequest) string {
	if a := event.RequestContext.Authorizer; a != nil && a.IAM != nil {
		return a.IAM.UserARN
	}
	return ""
}

func respond(status int, answer any) events.LambdaFunctionURLResponse {
	data, err := json.Marshal(answer)
	if err != nil { // of our own types: can't be
		panic(err)
	}
	return events.LambdaFunctionURLResponse{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "application/json", "cache-control": "no-store"},
		Body:       string(data),
	}
}

// Sleep waits, unless ctx ends first. It is what Function.Sleep is outside of tests.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
