package execution

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execroot"
	"github.com/bbf-build/bbf/tools/engine/sandbox"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Options are an Executor's parts and bounds.
type Options struct {
	Store     *cas.Store
	Results   *actioncache.Cache
	Roots     *execroot.Builder
	Sandbox   sandbox.Runner
	Slots     int           // actions that run at once
	Network   bool          // whether actions reach the network when their properties don't say
	Worker    string        // name in the results' metadata
	Heartbeat time.Duration // an operation's watchers hear of it at least this often; 0: 10 s
	Grace     time.Duration // an operation that nobody watches lives on for this long; 0: 250 ms
	Log       *slog.Logger
}

// Request asks for one action.
type Request struct {
	Instance         string
	Action           digest.Digest
	SkipCacheLookup  bool
	Priority         int32
	Mnemonic, Target string // from the client's metadata, to show
}

// Executor executes actions. It is safe for concurrent use.
type Executor struct {
	Options
	places *Queue // actions that have, or are having, their exec root made
	slots  *Queue // actions whose command runs
	ctx    context.Context
	stop   context.CancelCauseFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	byName   map[string]*operation
	inFlight map[flight]*operation
	finished []string // names, oldest first: WaitExecution finds this many

	executed, failed atomic.Int64
}

// flight is what equal actions have in common.
type flight struct {
	instance string
	action   digest.Digest
}

// finishedKept is how many operations can still be found by name after their end.
const finishedKept = 1024

// New makes an executor.
func New(o Options) *Executor {
	if o.Heartbeat == 0 {
		o.Heartbeat = 10 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 250 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	x := &Executor{
		Options: o,
		// A few more than there are slots, so that the next exec root is ready when a slot is; few, since each takes disk.
		places:   NewQueue(2*o.Slots + 2),
		slots:    NewQueue(o.Slots),
		byName:   map[string]*operation{},
		inFlight: map[flight]*operation{},
	}
	x.ctx, x.stop = context.WithCancelCause(context.Background())
	return x
}

// Execute executes an action, or joins one in flight that equals it, and tells of its states until the last one is
// sent. When it returns early, because the context ended or send failed, and nobody else watches, the action is
// cancelled. Errors in what was asked for are InvalidArgument; whatever goes wrong with the action itself, missing inputs
// included, is in the response's status (remote_execution.proto, Execution.Execute).
func (x *Executor) Execute(ctx context.Context, r Request, send func(State) error) error {
	if !r.SkipCacheLookup {
		if result, err := x.Results.Get(ctx, r.Instance, r.Action); err == nil {
			return send(State{
				Name: newName(), Action: r.Action, Stage: repb.ExecutionStage_COMPLETED,
				Response: &repb.ExecuteResponse{Result: x.inlineLogs(result), CachedResult: true, Status: status.New(codes.OK, "").Proto()},
			})
		}
	}
	o, err := x.operation(r)
	if err != nil {
		return err
	}
	return o.watch(ctx, x.Heartbeat, send)
}

// Wait tells of an operation's states as Execute does. The error is NotFound when there is no such operation.
func (x *Executor) Wait(ctx context.Context, name string, send func(State) error) error {
	x.mu.Lock()
	o := x.byName[name]
	x.mu.Unlock()
	if o == nil || !o.join() {
		return status.Errorf(codes.NotFound, "name: there is no operation %q here: it was never made, was cancelled or ended long ago; call Execute again", name)
	}
	return o.watch(ctx, x.Heartbeat, send)
}

// operation finds the equal one in flight or starts one, and joins it.
func (x *Executor) operation(r Request) (*operation, error) {
	job, loadErr := x.load(r)
	key := flight{r.Instance, r.Action}
	shared := loadErr == nil && !job.action.GetDoNotCache() // remote_execution.proto, Action.do_not_cache
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx.Err() != nil {
		return nil, status.FromContextError(x.ctx.Err()).Err()
	}
	if o := x.inFlight[key]; shared && o != nil && o.join() {
		return o, nil
	}
	ctx, cancel := context.WithCancel(x.ctx)
	o := &operation{
		Request: r, name: newName(), created: time.Now(), grace: x.Grace, cancel: cancel,
		stage: repb.ExecutionStage_QUEUED, changed: make(chan struct{}), watchers: 1,
	}
	x.byName[o.name] = o
	if shared {
		x.inFlight[key] = o
	}
	x.work.Add(1)
	go func() {
		defer x.work.Done()
		defer cancel()
		response := x.execute(ctx, o, job, loadErr)
		x.finish(o, key, response)
	}()
	return o, nil
}

// finish publishes the response. The result is in the action cache by now.
func (x *Executor) finish(o *operation, key flight, response *repb.ExecuteResponse) {
	x.mu.Lock()
	if x.inFlight[key] == o {
		delete(x.inFlight, key)
	}
	x.finished = append(x.finished, o.name)
	if len(x.finished) > finishedKept {
		delete(x.byName, x.finished[0])
		x.finished = slices.Delete(x.finished, 0, 1)
	}
	x.mu.Unlock()
	o.update(func() {
		o.stage = repb.ExecutionStage_COMPLETED
		o.response = response
		o.partial = response.GetResult().GetExecutionMetadata()
	})
}

// Stop cancels whatever is in flight and returns when all of it has ended.
func (x *Executor) Stop() {
	x.mu.Lock()
	x.stop(errStopped)
	x.mu.Unlock()
	x.work.Wait()
}

var errStopped = status.Error(codes.Unavailable, "the engine is stopping; bring it up again with `bazel run @bbf//:up`")

func newName() string { return "operations/" + rand.Text() }
