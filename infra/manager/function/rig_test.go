package function_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

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
