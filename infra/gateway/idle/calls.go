// Package idle knows whether a cluster is used, and takes down one that isn't.
package idle

import (
	"sync"
	"time"
)

// Calls are those that are open, and when the last one was. It is safe for concurrent use.
type Calls struct {
	mu    sync.Mutex
	open  int
	total int
	last  time.Time // when the last call ended, or the gateway began
}

// NewCalls begins with none. A cluster that was just brought up counts as used now.
func NewCalls() *Calls { return &Calls{last: time.Now()} }

// Begin counts a call until end is called.
func (c *Calls) Begin() (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	c.total++
	return c.end
}

func (c *Calls) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	c.last = time.Now()
}

// Now is how many are open, and how many there have been.
func (c *Calls) Now() (open, total int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open, c.total
}

// Last is when a call was open last: now, as long as one is.
func (c *Calls) Last() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open > 0 {
		return time.Now()
	}
	return c.last
}
