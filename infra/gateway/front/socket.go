package front

import (
	"bufio"
	"crypto/tls"
	"net"
	"sync"
)

// socket is what TLS is spoken on. TLS reads and writes a record of 16 KiB at a time; the system is asked less often for several together.
type socket struct {
	net.Conn
	in   *bufio.Reader // used by the one goroutine that reads
	only bool          // to read only what is in it

	mu      sync.Mutex
	holding bool   // what is written is kept until it is released
	held    []byte // room for some records
}

// together is room for four records and what TLS adds to them.
const together = 4 * (16<<10 + 64)

func newSocket(c net.Conn) *socket {
	return &socket{Conn: c, in: bufio.NewReaderSize(c, together)}
}

func (s *socket) Read(p []byte) (int, error) {
	if s.only && s.in.Buffered() == 0 {
		return 0, errNothing
	}
	return s.in.Read(p)
}

// nothing is the error of a read that would have to wait. TLS goes on after errors that pass, from where it was.
type nothing struct{}

var errNothing net.Error = nothing{}

func (nothing) Error() string   { return "there is nothing to read yet" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

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

// conn is TLS on a socket. One goroutine reads, and one at a time writes.
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

// Read returns all records that are there already and fit.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		return n, err
	}
	c.socket.only = true
	defer func() { c.socket.only = false }()
	for n < len(p) {
		more, err := c.Conn.Read(p[n:])
		n += more
		if err != nil {
			break // nothing more, or an error that will come again
		}
	}
	return n, nil
}
