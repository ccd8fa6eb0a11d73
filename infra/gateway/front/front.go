// Package front is the only door of a task: TLS 1.3 on one port, and behind it what the client asks for by ALPN. Every client shows a
// certificate. One whose certificate is no good is let in all the same if it speaks HTTP/2, and told so in words, in answer to its calls; it
// reaches nothing.
package front

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/relay"
)

// The protocols, as ALPN names them.
const (
	HTTP2   = "h2"          // of people and CI: gRPC calls, each of which is checked
	Connect = "bbf-connect" // of tasks: bytes to and from Buildfarm
	Redis   = "bbf-redis"   // of workers: bytes to and from Redis
)

// Client is who is connected.
type Client struct {
	net.Conn
	Who  certificates.Identity
	Leaf *x509.Certificate
}

// Handler serves a client and closes the connection. The context ends when the front is to be closed gently.
type Handler func(context.Context, *Client)

// Options are what a Front is made of.
type Options struct {
	Source    certificates.Source
	Cluster   string
	Protocols map[string]Handler
	Log       *slog.Logger
	// Guard watches a connection, and has cut called when its certificate is revoked; nil: nobody watches.
	Guard func(leaf *x509.Certificate, cut func(error)) (release func())
}

// Front accepts connections. It is safe for concurrent use.
type Front struct {
	Options
	tls     *tls.Config
	waiting waiting
	mu      sync.Mutex // of drain against serving
	serving sync.WaitGroup
	drain   context.Context
	close   context.CancelFunc

	Accepted, Refused, Failed atomic.Int64 // connections: served; answered with a refusal; without a handshake
}

// handshake is how long a client has for it.
const handshake = 10 * time.Second

// New makes a Front.
func New(o Options) *Front {
	f := &Front{Options: o, tls: certificates.ServerTLS(o.Source, o.Cluster, nil)}
	f.drain, f.close = context.WithCancel(context.Background())
	f.tls.NextProtos = nil
	for name := range o.Protocols {
		f.tls.NextProtos = append(f.tls.NextProtos, name)
	}
	return f
}

// Serve accepts connections until Shutdown is called.
func (f *Front) Serve(l net.Listener) error {
	stop := context.AfterFunc(f.drain, func() { l.Close() })
	defer stop()
	for {
		c, err := l.Accept()
		switch {
		case f.drain.Err() != nil:
			if err == nil {
				c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // no more file descriptors, for example
			f.Log.Warn("can't accept a connection", "error", err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !f.begin() {
			c.Close()
			return nil
		}
		go func() {
			defer f.serving.Done()
			f.serve(c)
		}()
	}
}

// Shutdown accepts no more connections, asks the handlers to end, and returns when they have or the context ends.
func (f *Front) Shutdown(ctx context.Context) error {
	f.mu.Lock()
	f.close()
	f.mu.Unlock()
	f.waiting.closeAll()
	done := make(chan struct{})
	go func() { f.serving.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin counts a connection, unless Shutdown was called.
func (f *Front) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.drain.Err() != nil {
		return false
	}
	f.serving.Add(1)
	return true
}

func (f *Front) serve(c net.Conn) {
	client, protocol, problem := f.receive(c)
	if client == nil {
		f.Failed.Add(1)
		f.Log.Warn("a TLS handshake failed", "from", c.RemoteAddr().String(), "error", problem)
		c.Close()
		return
	}
	if problem == nil {
		f.Accepted.Add(1)
		if f.Guard != nil {
			defer f.Guard(client.Leaf, func(why error) {
				f.Log.Warn("a connection is cut", "who", client.Who.String(), "error", why)
				c.Close()
			})()
		}
		f.Protocols[protocol](f.drain, client)
		return
	}
	f.Refused.Add(1)
	f.Log.Warn("a client is refused", "from", c.RemoteAddr().String(), "protocol", protocol, "error", problem)
	if protocol != HTTP2 {
		client.Close()
		return
	}
	relay.RefuseAll(client, relay.Refuse(codes.Unauthenticated, "%s", words(problem, f.Cluster)))
}

// receive makes the handshake. There is no client if it fails; a client with a problem is one whose certificate is no good.
func (f *Front) receive(c net.Conn) (client *Client, protocol string, problem error) {
	defer f.waiting.add(c)()
	c.SetDeadline(time.Now().Add(handshake))
	var check func(tls.ConnectionState) error
	s := newSocket(c)
	t := &conn{tls.Server(s, lenient(f.tls, &check)), s}
	if err := t.HandshakeContext(f.drain); err != nil {
		return nil, "", err
	}
	c.SetDeadline(time.Time{})
	state := t.ConnectionState()
	if err := check(state); err != nil {
		return &Client{Conn: t}, state.NegotiatedProtocol, err
	}
	who, err := certificates.Peer(state)
	if err != nil {
		return &Client{Conn: t}, state.NegotiatedProtocol, err
	}
	return &Client{t, who, state.PeerCertificates[0]}, state.NegotiatedProtocol, nil
}
