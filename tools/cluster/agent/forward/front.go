// Package forward is one cluster's part of the agent: a Unix socket in front, and the cluster's server behind, through mutual TLS. A client's
// bytes are carried unchanged. While there is no server, clients wait; when there is none to be had, their calls are answered with the reason.
package forward

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/bbf-build/bbf/tools/cluster/agent/follow"
	"github.com/bbf-build/bbf/tools/cluster/agent/pump"
)

// Certificates are what the front shows to the server, and trusts.
type Certificates interface {
	// Config is for the next handshake. It gets a certificate first where there is no good one.
	Config(ctx context.Context) (*tls.Config, error)
	// Renew gets a certificate and the authorities anew, because a server and we don't trust each other, unless that was done since.
	Renew(ctx context.Context, since time.Time) error
}

// Way is how a server is reached.
type Way struct {
	Server       *follow.Server
	Certificates Certificates
}

// Front forwards the connections of one cluster. It is safe for concurrent use.
type Front struct {
	cluster string
	log     *slog.Logger
	count   pump.Counters
	ctx     context.Context
	end     context.CancelCauseFunc

	mu      sync.Mutex
	way     Way
	open    int // connections to the server
	waiting int // clients without one
	total   int64
	problem *Problem
	serving sync.WaitGroup
}

var errEnded = errors.New("the agent is ending")

// New makes a Front that has no socket yet.
func New(cluster string, w Way, log *slog.Logger) *Front {
	f := &Front{cluster: cluster, way: w, log: log}
	f.ctx, f.end = context.WithCancelCause(context.Background())
	return f
}

// Use makes another way the one for clients that come from now on.
func (f *Front) Use(w Way) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.way = w
}

// Serve accepts connections until the listener is closed.
func (f *Front) Serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // too many open files, say
			f.fail(err)
			select {
			case <-f.ctx.Done():
				return nil
			case <-time.After(100 * time.Millisecond):
				continue
			}
		}
		f.serving.Go(func() { f.serve(newClient(c.(*net.UnixConn))) })
	}
}

// Close ends all connections, and returns when they have ended.
func (f *Front) Close() {
	f.end(errEnded)
	f.serving.Wait()
}

// Problem is the last thing that went wrong.
type Problem struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Status is what the front does.
type Status struct {
	Connections int      `json:"connections"` // to the server
	Waiting     int      `json:"waiting"`     // clients for which there is no server yet
	Total       int64    `json:"total"`       // connections to the server since the agent was started
	Sent        int64    `json:"sent"`        // bytes, to the server
	Received    int64    `json:"received"`    // bytes, from the server
	Problem     *Problem `json:"problem,omitempty"`
}

// Status looks.
func (f *Front) Status() Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Status{f.open, f.waiting, f.total, f.count.Sent.Load(), f.count.Received.Load(), f.problem}
}

func (f *Front) fail(err error) {
	f.log.Warn("a problem", "cluster", f.cluster, "error", err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.problem = &Problem{time.Now(), err.Error()}
}

// change counts waiting and open connections.
func (f *Front) change(waiting, open int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting += waiting
	f.open += open
	f.total += int64(max(open, 0))
}
