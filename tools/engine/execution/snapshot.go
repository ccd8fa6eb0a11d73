package execution

import (
	"cmp"
	"slices"
	"time"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// Running is one action whose command runs.
type Running struct {
	Request
	Since time.Time
}

// Snapshot is what an executor is doing.
type Snapshot struct {
	Running          []Running // oldest first
	Queued           int
	Executed, Failed int64 // since the start
}

// Snapshot tells what runs now and how much has run.
func (x *Executor) Snapshot() Snapshot {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := Snapshot{Executed: x.executed.Load(), Failed: x.failed.Load()}
	for _, o := range x.byName {
		o.mu.Lock()
		switch {
		case o.response != nil:
		case o.stage == repb.ExecutionStage_EXECUTING:
			s.Running = append(s.Running, Running{o.Request, o.started})
		default:
			s.Queued++
		}
		o.mu.Unlock()
	}
	slices.SortFunc(s.Running, func(a, b Running) int { return cmp.Compare(a.Since.UnixNano(), b.Since.UnixNano()) })
	return s
}
