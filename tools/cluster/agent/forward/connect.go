package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/pump"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

// link is a connection to a server that has begun to answer.
type link struct {
	server  *pump.Server
	address string
	told    int    // bytes of the client's that the server has
	first   []byte // of the server's
}

// The bounds of making a connection: of TCP's part, and of the rest until the server says something.
const (
	dialLimit  = 5 * time.Second
	greetLimit = 10 * time.Second
)

// A server that has gone without a word (its task was killed, the network cut) is noticed within a minute.
var dialer = net.Dialer{
	Timeout:         dialLimit,
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4},
	Control: func(_, _ string, raw syscall.RawConn) (err error) {
		return errors.Join(raw.Control(func(fd uintptr) { err = boundUnanswered(fd, time.Minute) }), err)
	},
}

// connecting is how one client gets its connection, in one attempt or several.
type connecting struct {
	*Front
	Way
	renewed bool
}

// connect makes a connection to a server and says hello, the first bytes of the client, over it. It succeeds when the server has answered.
// When they don't trust each other, certificate and authorities are looked at anew, once: both change.
func (c *connecting) connect(ctx context.Context, address string, hello func() []byte) (*link, error) {
	start := time.Now()
	l, err := c.once(ctx, address, hello)
	if mistrust(err) && !c.renewed {
		c.log.Info("the server and the agent don't trust each other; getting a new certificate", "cluster", c.cluster, "error", err)
		if err := c.Certificates.Renew(ctx, start); err != nil {
			return nil, noCertificate(c.cluster, err)
		}
		c.renewed = true
		l, err = c.once(ctx, address, hello)
	}
	if refused(err) {
		err = refuse.Denied(cluster.WithNext(fmt.Errorf("the gateway of %s refused your certificate: %w", c.cluster, err),
			cluster.Command("status")+" shows whose it is; whoever runs the cluster may have revoked it"))
	}
	return l, err
}

func (c *connecting) once(ctx context.Context, address string, hello func() []byte) (*link, error) {
	config, err := c.Certificates.Config(ctx)
	if err != nil {
		return nil, noCertificate(c.cluster, err)
	}
	tcp, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s, err := pump.Client(tcp.(*net.TCPConn), config)
	if err != nil {
		tcp.Close()
		return nil, err
	}
	l := &link{server: s, address: address}
	if l.told, l.first, err = greet(ctx, s, hello); err != nil {
		tcp.Close()
		return nil, err
	}
	return l, nil
}

// greet does the handshake, passes on what the client has said until then, and returns what the server says first. A server refuses a
// certificate only after the handshake.
func greet(ctx context.Context, s *pump.Server, hello func() []byte) (told int, first []byte, err error) {
	stop := context.AfterFunc(ctx, func() { s.NetConn().Close() })
	defer stop()
	s.SetDeadline(time.Now().Add(greetLimit))
	if err := s.HandshakeContext(ctx); err != nil {
		return 0, nil, err
	}
	words := hello()
	if _, err := s.Write(words); err != nil && !refused(err) {
		if _, e := s.First(); refused(e) { // it had told the reason before it hung up
			return 0, nil, e
		}
		return 0, nil, err
	}
	if first, err = s.First(); err != nil {
		return 0, nil, err
	}
	return len(words), first, s.SetDeadline(time.Time{})
}

// noCertificate makes a refusal of it that there is no certificate.
func noCertificate(name string, err error) error {
	r := refuse.Of(err)
	words := fmt.Errorf("no certificate for the cluster %s: %w", name, r.Err)
	if next := cluster.Next(r.Err); next == "" {
		words = cluster.WithNext(words, cluster.Command("doctor"))
	}
	return &refuse.Refusal{Code: r.Code, Err: words}
}

// mistrust says whether one side refused the other's certificate.
func mistrust(err error) bool {
	if err == nil || refused(err) {
		return err != nil
	}
	var network net.Error // all that the connection itself can do
	return !errors.As(err, &network) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) &&
		!errors.As(err, new(syscall.Errno)) && !errors.As(err, new(*refuse.Refusal)) && !errors.Is(err, context.Canceled)
}

// refused says whether the server refused our certificate: it has sent one of the alerts about certificates (RFC 8446, section 6.2).
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" && (strings.Contains(op.Error(), "certificate") || strings.Contains(op.Error(), "access denied"))
}
