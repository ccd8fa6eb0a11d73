package refuse

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// patience is how long a client that was refused may go on, and how long one may say nothing.
const patience = 10 * time.Second

// Serve answers the calls of a client, of which the first bytes have been read already. The connection ends with the calls that came together:
// the client's next one shall come over a new connection, which may do better. It returns when the connection is closed.
func Serve(ctx context.Context, client net.Conn, early []byte, r *Refusal) {
	closed := make(chan struct{})
	l := &one{conn: &replayed{Conn: client, early: early, closed: closed}, done: make(chan struct{})}
	defer client.Close()
	var end sync.Once
	var s *grpc.Server
	leave := func() { go s.GracefulStop() } // GOAWAY, once the calls are answered
	s = grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		end.Do(leave)
		return r.status()
	}))
	go s.Serve(l)
	defer s.Stop()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// one is a listener with a single connection.
type one struct {
	mu   sync.Mutex
	conn net.Conn
	done chan struct{}
	once sync.Once
}

func (l *one) Accept() (net.Conn, error) {
	l.mu.Lock()
	c := l.conn
	l.conn = nil
	l.mu.Unlock()
	if c != nil {
		return c, nil
	}
	<-l.done
	return nil, net.ErrClosed
}

func (l *one) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *one) Addr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// replayed is a connection whose first bytes were read before.
type replayed struct {
	net.Conn
	early  []byte
	once   sync.Once
	closed chan struct{}
}

func (c *replayed) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if err == io.EOF {
		c.end()
	}
	return n, err
}

func (c *replayed) Close() error {
	c.end()
	return c.Conn.Close()
}

func (c *replayed) end() { c.once.Do(func() { close(c.closed) }) }
