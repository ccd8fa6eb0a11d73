package function_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/function"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
	"github.com/bbf-build/bbf/infra/schema"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// The callers of the tests.
const (
	admin    = "arn:aws:iam::123456789012:user/admin"
	builder  = "arn:aws:sts::123456789012:assumed-role/Builders/alice"
	reader   = "arn:aws:iam::123456789012:user/reader"
	stranger = "arn:aws:iam::123456789012:user/stranger"
)

// rig is a cluster that is set up, and a manager of it.
type rig struct {
	*testcloud.Cloud
	*function.Function
	mu    sync.Mutex
	clock time.Time
	log   bytes.Buffer
}

func start(t *testing.T) *rig {
	t.Helper()
	r := &rig{Cloud: testcloud.New(t), clock: noon}
	config := schema.Config{Cluster: testcloud.Cluster, Access: []schema.Access{
		{ARN: admin, Role: "admin"},
		{ARN: "arn:aws:iam::123456789012:role/Builders", Role: "builder"},
		{ARN: reader, Role: "reader"},
	}}
	schema.Defaults(&config)
	config.Workers.Min, config.Workers.Max, config.Workers.Default = 1, 40, 4
	r.deploy(config)
	r.Function = r.another()
	return r
}

func (r *rig) deploy(c schema.Config) {
	r.Save(state.ConfigKey(testcloud.Cluster), state.Deployed{Config: c, By: admin, At: noon})
}

// another is one more instance of the manager, as Lambda starts them when there are many requests.
func (r *rig) another() *function.Function {
	return &function.Function{
		Cluster: testcloud.Cluster,
		Fleet: fleet.New(r, r, r, fleet.Names{
			Cluster: testcloud.Cluster, Server: testcloud.Server, Workers: testcloud.Workers, LogGroup: testcloud.LogGroup,
		}),
		Store: state.New(r, testcloud.Bucket, testcloud.Cluster, r.now),
		Log:   slog.New(slog.NewJSONHandler(r, nil)),
		Now:   r.now,
		Sleep: func(ctx context.Context, d time.Duration) error { return function.Sleep(ctx, d/50) },
	}
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock
}

// wait moves the clock.
func (r *rig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock = r.clock.Add(d)
}

// Write is where the log goes.
func (r *rig) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// request is a Function URL's event.
func request(method, path, arn, body string) events.LambdaFunctionURLRequest {
	e := events.LambdaFunctionURLRequest{Version: "2.0", RawPath: path, Body: body}
	e.RequestContext.HTTP.Method = method
	if arn != "" {
		e.RequestContext.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{
			IAM: &events.LambdaFunctionURLRequestContextAuthorizerIAMDescription{UserARN: arn},
		}
	}
	return e
}

// answer is what came of a request.
type answer struct {
	status int
	body   string
}

func invoke(t *testing.T, f *function.Function, event any) (any, error) {
	t.Helper()
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return f.Invoke(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{
		AwsRequestID: "request-1", InvokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:acme-manager",
	}), raw)
}

func call(t *testing.T, f *function.Function, e events.LambdaFunctionURLRequest) answer {
	t.Helper()
	out, err := invoke(t, f, e)
	if err != nil {
		t.Fatal(err)
	}
	r := out.(events.LambdaFunctionURLResponse)
	if r.Headers["content-type"] != "application/json" || !json.Valid([]byte(r.Body)) {
		t.Errorf("not JSON: %+v", r)
	}
	return answer{r.StatusCode, r.Body}
}

// told is the status that an answer is.
func (a answer) told(t *testing.T) api.Status {
	t.Helper()
	var s api.Status
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != 200 {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return s
}

// refused is the error that an answer is.
func (a answer) refused(t *testing.T) api.Error {
	t.Helper()
	var e api.Error
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status == 200 || e.Code == "" || e.Message == "" {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return e
}
