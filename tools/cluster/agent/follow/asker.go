package follow

import (
	"context"
	"sync"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// limit of one question, with all its repetitions. The manager is a Lambda that may have to start.
const limit = time.Minute

// asker asks the same question for all who want to know, no more often than its pace. It is safe for concurrent use.
type asker struct {
	ask  func(context.Context) (api.Status, error)
	pace time.Duration

	mu   sync.Mutex
	next *answer   // to a question that isn't asked yet
	last time.Time // when one was asked
	said *answer   // to that one
}

type answer struct {
	done   chan struct{} // closed when the rest is set
	status api.Status
	err    error
}

// get returns the answer to a question that is asked after a moment. It goes on for the others when ctx ends.
func (a *asker) get(ctx context.Context, after time.Time) (api.Status, error) {
	a.mu.Lock()
	r := a.next
	if a.last.After(after) {
		r = a.said
	}
	if r == nil {
		r = &answer{done: make(chan struct{})}
		a.next = r
		time.AfterFunc(time.Until(a.last.Add(a.pace)), func() { a.answer(r) })
	}
	a.mu.Unlock()
	select {
	case <-r.done:
		return r.status, r.err
	case <-ctx.Done():
		return api.Status{}, context.Cause(ctx)
	}
}

func (a *asker) answer(r *answer) {
	a.mu.Lock()
	a.next, a.last, a.said = nil, time.Now(), r
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r.status, r.err = a.ask(ctx)
	close(r.done)
}
