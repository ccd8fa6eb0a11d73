package forward

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// client is a connection from Bazel. Its first bytes are read while the server is looked for: so it shows when Bazel goes away meanwhile.
type client struct {
	*net.UnixConn
	spoke chan struct{} // closed when there are early bytes

	mu    sync.Mutex
	early []byte
}

// most is how much is read early, in bytes. A client says a few hundred before the server has said anything.
const most = 64 << 10

func newClient(c *net.UnixConn) *client { return &client{UnixConn: c, spoke: make(chan struct{})} }

// listen reads early bytes, and calls gone when the client goes away. Settle ends it.
func (c *client) listen(gone func()) (settle func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 4<<10)
		for len(c.said()) < most {
			n, err := c.Read(buf)
			c.say(buf[:n])
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return
			}
			if err != nil {
				gone()
				return
			}
		}
	}()
	return func() {
		c.SetReadDeadline(time.Now())
		<-ended
		c.SetReadDeadline(time.Time{})
	}
}

func (c *client) say(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.early) == 0 && len(p) > 0 {
		close(c.spoke)
	}
	c.early = append(c.early, p...)
}

// said are the bytes that were read early so far.
func (c *client) said() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.early)
}
