package execution

import (
	"container/heap"
	"context"
	"sync"
)

// Queue hands out a fixed number of places: the most urgent who waits is next, and among equals the first.
// Urgency is the API's ExecutionPolicy.priority: a smaller number goes first.
type Queue struct {
	mu      sync.Mutex
	free    int
	arrival uint64
	waiting waiters
}

// NewQueue makes a queue of so many places.
func NewQueue(places int) *Queue { return &Queue{free: places} }

// Acquire waits for a place, or for the end of the context, whose error it then returns.
func (q *Queue) Acquire(ctx context.Context, priority int32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	q.arrival++
	w := &waiter{priority: priority, arrival: q.arrival, ready: make(chan struct{})}
	heap.Push(&q.waiting, w)
	q.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.index < 0 { // given a place in the same moment: pass it on
		q.next()
	} else {
		heap.Remove(&q.waiting, w.index)
	}
	return ctx.Err()
}

// Release gives a place back.
func (q *Queue) Release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next()
}

// Waiting is the number of those who wait now.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// next gives one place to who is first in the queue, or keeps it.
func (q *Queue) next() {
	if len(q.waiting) == 0 {
		q.free++
		return
	}
	close(heap.Pop(&q.waiting).(*waiter).ready)
}

type waiter struct {
	priority int32
	arrival  uint64
	index    int // in the heap; -1 when out of it
	ready    chan struct{}
}

type waiters []*waiter

func (w waiters) Len() int { return len(w) }

func (w waiters) Less(i, j int) bool {
	if w[i].priority != w[j].priority {
		return w[i].priority < w[j].priority
	}
	return w[i].arrival < w[j].arrival
}

func (w waiters) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].index, w[j].index = i, j
}

func (w *waiters) Push(x any) {
	x.(*waiter).index = len(*w)
	*w = append(*w, x.(*waiter))
}

func (w *waiters) Pop() any {
	old := *w
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*w = old[:len(old)-1]
	last.index = -1
	return last
}
