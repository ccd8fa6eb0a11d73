// Package tunnel is a task's way out to other tasks. Buildfarm and its Redis client know no mutual TLS: they talk to loopback in plaintext, and
// what they say goes on over mutual TLS to the gateway of the other task.
package tunnel

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Dialer connects to other gateways.
type Dialer struct {
	tls      *tls.Config
	protocol string
}

// NewDialer makes connections for a protocol (an ALPN name) to gateways of the roles.
func NewDialer(source certificates.Source, cluster, protocol string, accept ...certificates.Role) *Dialer {
	c := certificates.ClientTLS(source, cluster, accept...)
	c.NextProtos = []string{protocol}
	c.DynamicRecordSizingDisabled = true
	return &Dialer{tls: c, protocol: protocol}
}

// connect is how long a connection may take to be made. The other task is a millisecond away, if it is there.
const connect = 5 * time.Second

// Dial connects to HOST:PORT.
func (d *Dialer) Dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connect)
	defer cancel()
	dialer := net.Dialer{KeepAliveConfig: alive, Control: giveUp}
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	t := tls.Client(c, d.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return t, nil
}

// A task that was stopped leaves no trace in the network, not even a reset. A network that is cut for half a minute must not end a build.
var alive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4}

const silence = 75 * time.Second
