package execution

import (
	"context"
	"sync"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
)

// State is one moment of an operation, as its watchers are told of it.
type State struct {
	Name     string
	Action   digest.Digest
	Stage    repb.ExecutionStage_Value
	Partial  *repb.ExecutedActionMetadata // what is known so far; not to be changed
	Response *repb.ExecuteResponse        // once, at the end; not to be changed
}

// operation is one execution, watched by whoever asked for it.
type operation struct {
	Request
	name    string
	created time.Time
	grace   time.Duration // how long it lives on with nobody watching
	cancel  context.CancelFunc

	mu       sync.Mutex
	stage    repb.ExecutionStage_Value
	started  time.Time // in its slot; zero before
	partial  *repb.ExecutedActionMetadata
	response *repb.ExecuteResponse
	changed  chan struct{} // closed at each change, and replaced
	watchers int
	orphaned *time.Timer // runs while nobody watches
	dead     bool        // cancelled: nobody may join any more
}

// join adds a watcher. It says no when the operation was given up before.
func (o *operation) join() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead {
		return false
	}
	if o.orphaned != nil {
		o.orphaned.Stop()
		o.orphaned = nil
	}
	o.watchers++
	return true
}

// leave takes a watcher away. After the last one the operation has a moment for a client that lost its
// connection to come back (WaitExecution); then it is cancelled.
func (o *operation) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watchers--
	if o.watchers > 0 || o.response != nil {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(o.grace, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.orphaned == timer && o.watchers == 0 {
			o.dead = true
			o.cancel()
		}
	})
	o.orphaned = timer
}

// watch sends the state now, at each change and after each heartbeat, until the response is sent, the context ends
// or send fails. The caller has joined; watch leaves.
func (o *operation) watch(ctx context.Context, heartbeat time.Duration, send func(State) error) error {
	defer o.leave()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		state, changed := o.state()
		if err := send(state); err != nil || state.Response != nil {
			return err
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *operation) state() (State, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return State{Name: o.name, Action: o.Action, Stage: o.stage, Partial: o.partial, Response: o.response}, o.changed
}

// update changes the operation and tells its watchers.
func (o *operation) update(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
	close(o.changed)
	o.changed = make(chan struct{})
}
