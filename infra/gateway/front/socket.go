package front

import (
	"crypto/tls"
	"net"
	"sync"
)

// socket is what TLS is spoken on. TLS writes a record of 16 KiB at a time; the system is asked less often for several together.
type socket struct {
	net.Conn
	mu      sync.Mutex
	holding bool   // what is written is kept until it is released
	held    []byte // room for some records
}

// together is room for four records and what TLS adds to them.
const together = 4 * (16<<10 + 64)

func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holding && len(s.held)+len(p) <= together {
		s.held = append(s.held, p...)
		return len(p), nil
	}
	if err := s.flush(); err != nil {
		return 0, err
	}
	return s.Conn.Write(p)
}

func (s *socket) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
	if s.held == nil {
		s.held = make([]byte, 0, together)
	}
}

func (s *socket) release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = false
	return s.flush()
}

func (s *socket) flush() error {
	if len(s.held) == 0 {
		return nil
	}
	_, err := s.Conn.Write(s.held)
	s.held = s.held[:0]
	return err
}

// conn is TLS on a socket. One goroutine writes at a time.
type conn struct {
	*tls.Conn
	socket *socket
}

// Write writes as one piece what is several records.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) <= 16<<10 {
		return c.Conn.Write(p)
	}
	c.socket.hold()
	n, err := c.Conn.Write(p)
	if failed := c.socket.release(); err == nil {
		err = failed
	}
	return n, err
}
