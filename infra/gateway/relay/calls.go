package relay

import "sync"

// call is an open stream.
type call struct {
	end        func() // nil once it was called
	begun      bool   // the backend has sent response headers
	clientDone bool   // the client has ended its side
	serverDone bool   // the backend has ended its side
}

// calls are those of one connection, by stream.
type calls struct {
	mu      sync.Mutex
	open    map[uint32]*call
	running int           // of the open ones, those that the backend has not ended
	drained chan struct{} // closed when none is running, once somebody waits
}

// most is how many a client may have open at once.
const most = 10_000

func (c *calls) begin(stream uint32, end func(), done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[stream] = &call{end: end, clientDone: done}
	c.running++
}

func (c *calls) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

// fromClient says whether the backend wants to hear of the stream, of which this may be the client's last frame.
func (c *calls) fromClient(stream uint32, last bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.open[stream]
	if call == nil || call.clientDone {
		return false
	}
	if last {
		call.clientDone = true
		c.forgetDone(stream, call)
	}
	return true
}

// isOpen says whether the backend knows the stream still.
func (c *calls) isOpen(stream uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[stream] != nil
}

// fromBackend notes response headers or data.
func (c *calls) fromBackend(stream uint32, headers, last bool) {
	if !headers && !last {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.open[stream]
	if call == nil {
		return
	}
	call.begun = true
	if last {
		c.finish(call)
		c.forgetDone(stream, call)
	}
}

// reset ends a stream at once, whoever says so. It says whether it was open.
func (c *calls) reset(stream uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.open[stream]
	if call == nil {
		return false
	}
	c.finish(call)
	delete(c.open, stream)
	return true
}

// abandon ends all and returns those that nobody has answered yet: of each, whether its response has begun.
func (c *calls) abandon() map[uint32]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	unanswered := map[uint32]bool{}
	for stream, call := range c.open {
		if !call.serverDone {
			unanswered[stream] = call.begun
		}
		c.finish(call)
	}
	clear(c.open)
	return unanswered
}

func (c *calls) forgetDone(stream uint32, call *call) {
	if call.clientDone && call.serverDone {
		delete(c.open, stream)
	}
}

func (c *calls) finish(call *call) {
	if call.end == nil {
		return
	}
	call.serverDone = true
	call.end()
	call.end = nil
	if c.running--; c.running == 0 && c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
}

// wait returns a channel that is closed as soon as no call is running.
func (c *calls) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drained == nil {
		c.drained = make(chan struct{})
	}
	drained := c.drained
	if c.running == 0 {
		close(drained)
		c.drained = nil
	}
	return drained
}
