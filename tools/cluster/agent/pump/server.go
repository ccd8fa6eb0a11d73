package pump

import (
	"bytes"
	"crypto/tls"
	"net"
)

// Server is a TLS connection that reads and writes in large pieces. TLS itself makes a system call for each record of 16 KiB.
type Server struct {
	*tls.Conn
	wire *wire
}

// Client is TLS as the client. The caller does the handshake before anything else.
func Client(tcp *net.TCPConn, config *tls.Config) (*Server, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	config = config.Clone()
	config.DynamicRecordSizingDisabled = true // it makes the first records small, for browsers
	w := &wire{TCPConn: tcp, raw: raw}
	return &Server{tls.Client(w, config), w}, nil
}

// Write encrypts all of p before it goes out, as one piece if it is no longer than a buffer.
func (s *Server) Write(p []byte) (int, error) {
	s.wire.collect()
	n, err := s.Conn.Write(p)
	if e := s.wire.flush(); err == nil {
		err = e
	}
	return n, err
}

// First waits for the first bytes from the server.
func (s *Server) First() ([]byte, error) {
	b, n, err := s.gather()
	if err != nil {
		return nil, err
	}
	defer buffers.Put(b)
	return bytes.Clone(b[:n]), nil
}

// gather waits for something from the server and returns it together with what has arrived behind it. The caller puts the buffer back.
func (s *Server) gather() (*buffer, int, error) {
	for {
		b := buffers.Get().(*buffer)
		n, err := s.fill(b)
		if n > 0 {
			return b, n, nil // an error comes again
		}
		buffers.Put(b)
		if err != (nothing{}) {
			return nil, 0, err
		}
		if err := s.wire.wait(); err != nil {
			return nil, 0, err
		}
	}
}

// fill reads what is there.
func (s *Server) fill(b *buffer) (n int, err error) {
	s.wire.impatient = true
	defer func() { s.wire.impatient = false }()
	for n < len(b) && err == nil {
		var more int
		more, err = s.Conn.Read(b[n:])
		n += more
	}
	return n, err
}
