package daemon

import (
	"context"
	"time"
)

// Ticks are the pauses of a loop that looks for something: short at first, never long.
type Ticks struct {
	start time.Time
	next  time.Duration
}

// NewTicks begins now.
func NewTicks() *Ticks { return &Ticks{start: time.Now(), next: 2 * time.Millisecond} }

// Passed is the time since the beginning.
func (t *Ticks) Passed() time.Duration { return time.Since(t.start) }

// Wait returns after the next pause, or with the error of ctx.
func (t *Ticks) Wait(ctx context.Context) error {
	timer := time.NewTimer(t.next)
	defer timer.Stop()
	t.next = min(t.next*3/2, 50*time.Millisecond)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
