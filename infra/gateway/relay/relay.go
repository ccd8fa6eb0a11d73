package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"
)

// Relay is one client's connection and its own one to the backend.
type Relay struct {
	client, backend net.Conn
	gate            Gate
	calls           calls

	toClient  toClient
	last      atomic.Uint32 // the newest stream of the client
	goneAfter atomic.Uint32 // streams after this one are not taken any more

	// Of what the client sends; used by one goroutine.
	decoder *hpack.Decoder
	encoder *hpack.Encoder
	block   blockBuffer // what the encoder writes
	fields  []hpack.HeaderField
	listed  int // bytes of fields

	backendTable atomic.Uint32 // HEADER_TABLE_SIZE that the backend allows
}

// usualTable is HEADER_TABLE_SIZE of who says nothing.
const usualTable = 4096

// New makes a Relay between two connections, which it owns. The client's first bytes are HTTP/2's preface.
func New(client, backend net.Conn, gate Gate) *Relay {
	r := &Relay{client: client, backend: backend, gate: gate}
	r.calls.open = map[uint32]*call{}
	r.toClient.conn = client
	r.toClient.tableSize.Store(usualTable)
	r.goneAfter.Store(1<<31 - 1)
	r.backendTable.Store(usualTable)
	r.encoder = hpack.NewEncoder(&r.block)
	r.decoder = hpack.NewDecoder(usualTable, r.field)
	r.decoder.SetMaxStringLength(maxHeaders)
	return r
}

// Run passes frames until one of the ends closes, and closes the other. Calls that are open then are answered with UNAVAILABLE if it was the
// backend. The error says why a client was cut off; it is nil when the client went by itself.
func (r *Relay) Run() error {
	backendGone := make(chan error, 1)
	go func() {
		err := r.fromBackend()
		r.sayGone()
		r.client.SetReadDeadline(time.Now().Add(linger)) // what is read from now on goes nowhere
		backendGone <- err
	}()
	err := r.fromClient()
	if errors.Is(err, errBackend) {
		r.backend.SetReadDeadline(time.Now().Add(linger)) // it may have said something before it went
	} else {
		r.backend.Close()
	}
	lost := <-backendGone
	if !isEnd(err) {
		// Closed with something unread, a socket forgets what was written last.
		r.client.SetReadDeadline(time.Now().Add(linger))
		io.Copy(io.Discard, r.client)
	}
	r.Close()
	r.calls.abandon()
	switch {
	case isEnd(err):
		return nil
	case errors.Is(err, errBackend), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w: %w", errBackend, lost)
	}
	return err
}

// linger is how long a client has to hear why it is cut off.
const linger = time.Second

// errBackend is within the error of a connection that the backend has ended.
var errBackend = errors.New("the backend has gone")

// Close ends the connection at once.
func (r *Relay) Close() {
	r.client.Close()
	r.backend.Close()
}

// Drain asks the client to make no new calls here, and closes the connection when those that are open have ended or the context has.
func (r *Relay) Drain(ctx context.Context, words string) {
	defer r.Close()
	defer context.AfterFunc(ctx, r.Close)() // a client that doesn't read would hold up what follows
	// Calls may be on their way: the first message only says that there will be an end (https://www.rfc-editor.org/rfc/rfc9113#section-6.8).
	r.toClient.inject(appendGoAway(nil, 1<<31-1, http2.ErrCodeNo, words))
	select {
	case <-ctx.Done():
	case <-time.After(notice):
	}
	last := r.last.Load()
	r.goneAfter.Store(last)
	r.toClient.inject(appendGoAway(nil, last, http2.ErrCodeNo, words))
	select {
	case <-ctx.Done():
	case <-r.calls.wait():
	}
}

// notice is how long a client has to hear of an end: a few round trips around the world.
const notice = 500 * time.Millisecond

// sayGone answers all calls that the backend won't answer any more.
func (r *Relay) sayGone() {
	var p []byte
	gone := Refuse(codes.Unavailable, "the connection to Buildfarm was lost; it may have been replaced or have failed: see its logs")
	for stream, begun := range r.calls.abandon() {
		p = appendRefusal(p, stream, gone, begun, r.toClient.tableSize.Load())
	}
	if len(p) > 0 {
		r.toClient.inject(appendGoAway(p, r.last.Load(), http2.ErrCodeNo, gone.Message))
	}
}

// isEnd says whether a connection has just ended.
func isEnd(err error) bool {
	return err == nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// toClient writes to the client: pieces of frames from the backend, and frames of our own between them.
type toClient struct {
	conn      net.Conn
	mu        sync.Mutex
	ready     bool          // frames of our own may follow: not before the backend's first, and not between HEADERS and their CONTINUATION
	waiting   []byte        // our own, until that is so
	tableSize atomic.Uint32 // HEADER_TABLE_SIZE that the client allows
}

// pass writes whole frames of the backend.
func (t *toClient) pass(piece []byte, ready bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := t.conn.Write(piece); err != nil {
		return err
	}
	t.ready = ready
	if len(t.waiting) == 0 || !ready {
		return nil
	}
	p := t.waiting
	t.waiting = nil
	_, err := t.conn.Write(p)
	return err
}

// inject writes whole frames of ours.
func (t *toClient) inject(p []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ready {
		if len(t.waiting)+len(p) > bufferSize {
			return errors.New("the client wants too much at once")
		}
		t.waiting = append(t.waiting, p...)
		return nil
	}
	_, err := t.conn.Write(p)
	return err
}
