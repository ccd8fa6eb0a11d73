package manager

import (
	"context"
	"math/rand/v2"
	"time"
)

// attempts that are made of one call.
const attempts = 5

// backoff waits longer and longer, and a little by chance, so that many clients don't come back at once.
type backoff struct {
	first time.Duration
	made  int
}

// wait says whether to try again; false when there were enough attempts or ctx ended.
func (b *backoff) wait(ctx context.Context) bool {
	first := b.first
	if first == 0 {
		first = time.Second
	}
	d := first << b.made
	if b.made++; b.made == attempts {
		return false
	}
	t := time.NewTimer(d/2 + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
