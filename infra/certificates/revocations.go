package certificates

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Revocations is a Source with the cluster's list of revoked identities added to another: with it ServerTLS and ClientTLS refuse them. It
// also cuts connections that were open when somebody got on the list. It is safe for concurrent use.
type Revocations struct {
	source Source
	read   func(context.Context) ([]byte, error)

	mu      sync.Mutex
	known   bool
	revoked Revoked
	failed  error // why the list couldn't be read the last time
	open    map[*guard]struct{}
}

// guard is one open connection.
type guard struct {
	leaf *x509.Certificate
	cut  func(error)
}

// NewRevocations makes no call. The function reads the list; no bytes and no error mean that there is none (bucket.Objects.Revoked is such a
// function). Until it has been read for the first time nobody gets in.
func NewRevocations(source Source, read func(context.Context) ([]byte, error)) *Revocations {
	return &Revocations{source: source, read: read, open: map[*guard]struct{}{}}
}

// Current is what the other source says, and who is revoked.
func (r *Revocations) Current() (*Bundle, error) {
	b, err := r.source.Current()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known {
		if r.failed != nil {
			return nil, r.failed
		}
		return nil, errors.New("the list of revoked identities hasn't been read yet")
	}
	with := *b
	with.Revoked = r.revoked
	return &with, nil
}

// Refresh reads the list, and cuts who is newly on it. A list that can't be read or understood leaves the one before in force.
func (r *Revocations) Refresh(ctx context.Context) error {
	data, err := r.read(ctx)
	var list Revoked
	if err == nil && len(data) > 0 {
		list, err = ParseRevoked(data)
	}
	r.mu.Lock()
	if err != nil {
		r.failed = fmt.Errorf("the list of revoked identities can't be read: %w", err)
		r.mu.Unlock()
		return r.failed
	}
	r.known, r.revoked, r.failed = true, list, nil
	cuts := map[*guard]error{}
	for g := range r.open {
		if err := list.Check(g.leaf); err != nil {
			cuts[g] = err
			delete(r.open, g)
		}
	}
	r.mu.Unlock()
	for g, err := range cuts { // outside of the lock: a cut may release other guards
		g.cut(err)
	}
	return nil
}

// Run reads the list until ctx ends, again and again after every (give or take a tenth). Each failure is told; nil doesn't want to know.
func (r *Revocations) Run(ctx context.Context, every time.Duration, failed func(error)) {
	for {
		if err := r.Refresh(ctx); err != nil && failed != nil && ctx.Err() == nil {
			failed(err)
		}
		if !sleep(ctx, every-every/10+rand.N(every/5+1)) {
			return
		}
	}
}

// Guard has cut called, once, when the holder of a certificate is revoked, at once if he is already. Call it for each connection after its
// handshake, with the other side's certificate; call release when the connection is closed.
func (r *Revocations) Guard(leaf *x509.Certificate, cut func(error)) (release func()) {
	g := &guard{leaf, cut}
	r.mu.Lock()
	err := r.revoked.Check(leaf)
	if err == nil {
		r.open[g] = struct{}{}
	}
	r.mu.Unlock()
	if err != nil {
		cut(err)
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.open, g)
	}
}

// sleep waits; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
