package execution_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/execution"
)

func TestQueue(t *testing.T) {
	ctx := context.Background()

	// waiters asks for a place with each priority in turn, and returns the order in which they got one.
	waiters := func(t *testing.T, q *execution.Queue, priorities ...int32) func() []int {
		var mu sync.Mutex
		var order []int
		var done sync.WaitGroup
		for i, p := range priorities {
			done.Add(1)
			go func() {
				defer done.Done()
				if err := q.Acquire(ctx, p); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				q.Release()
			}()
			for q.Waiting() != i+1 { // until this one stands in the queue
			}
		}
		return func() []int { done.Wait(); return order }
	}

	t.Run("WhenAllAreEquallyUrgentTheFirstComesFirst", func(t *testing.T) {
		q := execution.NewQueue(1)
		if err := q.Acquire(ctx, 0); err != nil {
			t.Fatal(err)
		}
		order := waiters(t, q, 0, 0, 0, 0)
		q.Release()
		if got := order(); !slices.Equal(got, []int{0, 1, 2, 3}) {
			t.Fatal(got)
		}
	})

	t.Run("WhenPrioritiesDifferTheSmallerNumberComesFirst", func(t *testing.T) {
		q := execution.NewQueue(1)
		if err := q.Acquire(ctx, 0); err != nil {
			t.Fatal(err)
		}
		order := waiters(t, q, 5, -3, 0, -3)
		q.Release()
		if got := order(); !slices.Equal(got, []int{1, 3, 2, 0}) {
			t.Fatal(got)
		}
	})

	t.Run("WhenOneGivesUpItsPlaceIsNotLost", func(t *testing.T) {
		for range 200 {
			q := execution.NewQueue(1)
			if err := q.Acquire(ctx, 0); err != nil {
				t.Fatal(err)
			}
			short, cancel := context.WithCancel(ctx)
			gave := make(chan error)
			go func() { gave <- q.Acquire(short, 0) }()
			for q.Waiting() != 1 {
			}
			go cancel()
			q.Release()
			switch err := <-gave; {
			case err == nil:
				q.Release()
			case !errors.Is(err, context.Canceled):
				t.Fatal(err)
			}
			if err := q.Acquire(ctx, 0); err != nil { // would wait for ever
				t.Fatal(err)
			}
		}
	})

	t.Run("WhenTheContextHasEnded", func(t *testing.T) {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if err := execution.NewQueue(1).Acquire(ended, 0); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	})
}
