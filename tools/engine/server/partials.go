package server

import (
	"sync"
	"time"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	keepFor      = 10 * time.Minute // how long an interrupted upload can be resumed
	keepUploads  = 64               // how many interrupted uploads are kept (each has a file open)
	keepFraction = 16               // and they take this part of the store's bound at most
)

// partials are the uploads that go on, and those that were interrupted and may be resumed, by resource name.
type partials struct {
	store *cas.Store

	mu     sync.Mutex
	byName map[string]*partial
	parked []*partial // interrupted ones, the first one for the longest time
	bytes  int64      // of the parked ones
}

type partial struct {
	name   string
	upload *cas.Upload
	named  bool        // it is in byName
	expiry *time.Timer // not nil while it is parked
}

func newPartials(store *cas.Store) *partials {
	return &partials{store: store, byName: make(map[string]*partial)}
}

// size is how much of an upload was received.
func (ps *partials) size(name string) int64 {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.byName[name]; p != nil {
		return p.upload.Size()
	}
	return 0
}

// begin goes on with an interrupted upload, or begins one. The caller must end it.
func (ps *partials) begin(name string, d digest.Digest, offset int64) (*partial, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.byName[name]
	switch {
	case p != nil && p.expiry == nil && offset != 0:
		return nil, status.Error(codes.Aborted, "resource_name: another stream is writing this upload; ask for its status and try again")
	case p != nil && p.expiry != nil && offset == p.upload.Size():
		ps.unpark(p)
		return p, nil
	case p != nil && p.expiry != nil && offset == 0:
		ps.discard(p)
		p = nil
	case offset != 0:
		kept := int64(0)
		if p != nil {
			kept = p.upload.Size()
		}
		return nil, status.Errorf(codes.InvalidArgument, "write_offset: %d, but %d bytes of this upload are here", offset, kept)
	}
	u, err := ps.store.Create(d)
	if err != nil {
		return nil, err
	}
	// While another stream has the name this one goes without: both may complete, but this one can't be resumed.
	fresh := &partial{name: name, upload: u, named: p == nil}
	if fresh.named {
		ps.byName[name] = fresh
	}
	return fresh, nil
}

// end ends what begin began. With keep it can be resumed for a while.
func (ps *partials) end(p *partial, keep bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if !keep || !p.named || p.upload.Size() == 0 || p.upload.Size() > ps.room() {
		ps.discard(p)
		return
	}
	ps.parked = append(ps.parked, p)
	ps.bytes += p.upload.Size()
	p.expiry = time.AfterFunc(keepFor, func() { ps.expire(p) })
	for len(ps.parked) > keepUploads || ps.bytes > ps.room() {
		ps.discard(ps.parked[0])
	}
}

func (ps *partials) room() int64 {
	_, _, maxBytes, _ := ps.store.Stats()
	return maxBytes / keepFraction
}

func (ps *partials) expire(p *partial) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p.expiry != nil {
		ps.discard(p)
	}
}

// discard throws an upload away. mu is held.
func (ps *partials) discard(p *partial) {
	if p.expiry != nil {
		ps.unpark(p)
	}
	if p.named {
		delete(ps.byName, p.name)
		p.named = false
	}
	p.upload.Abort()
}

// unpark takes an upload out of those that wait to be resumed. mu is held.
func (ps *partials) unpark(p *partial) {
	p.expiry.Stop()
	p.expiry = nil
	for i, other := range ps.parked {
		if other == p {
			ps.parked = append(ps.parked[:i], ps.parked[i+1:]...)
			ps.bytes -= p.upload.Size()
			return
		}
	}
}
