// Package actioncache keeps the results of actions: the action cache of the Remote Execution API.
//
// A result is a file DIR/ac/<2 hex>/<key>, the key being the action's hash, or the SHA-256 of instance name, NUL and hash where
// there is an instance name. It appears by one rename. A result is only handed out while every blob that it names is in the
// blob store, so a hit is always usable.
package actioncache

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/cas/index"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Options of a cache.
type Options struct {
	MaxEntries int          // how many results are kept, the least recently used go first; 0: by the blob store's bound
	Log        *slog.Logger // nil: slog.Default()
}

// Cache is an action cache. Its methods may be called concurrently.
type Cache struct {
	dir   string
	store *cas.Store
	max   int
	log   *slog.Logger

	hits, misses atomic.Int64
	tmpName      atomic.Int64

	mu sync.Mutex // guards what follows and every change of a result's file
	ix index.Index
}

type key = [sha256.Size]byte

// Open opens the cache in a folder, which may be the store's. Only one process may have it open.
func Open(dir string, store *cas.Store, o Options) (*Cache, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the action cache: %w", err)
	}
	c := &Cache{dir: filepath.Join(dir, "ac"), store: store, max: o.MaxEntries, log: o.Log}
	if c.log == nil {
		c.log = slog.Default()
	}
	if c.max <= 0 {
		c.max = sensible(store)
	}
	if err := c.scan(); err != nil {
		return nil, store.DiskError("open the action cache", err)
	}
	return c, nil
}

// sensible is a bound by which results, a block of 4 KiB each, take about a sixteenth of what blobs may take.
func sensible(store *cas.Store) int {
	_, _, bytes, _ := store.Stats()
	return int(min(max(bytes/(64<<10), 1000), 4<<20))
}

// Stats counts the look-ups since Open.
func (c *Cache) Stats() (hits, misses int64) { return c.hits.Load(), c.misses.Load() }

// Get returns an action's result. codes.NotFound unless it is there with every blob that it names: an incomplete or damaged
// one is dropped. The result and its blobs count as used. Only the digests of standard output and error are in it, not the bytes.
func (c *Cache) Get(ctx context.Context, instance string, action digest.Digest) (*repb.ActionResult, error) {
	r, err := c.lookUp(ctx, keyOf(instance, action))
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		c.misses.Add(1)
		return nil, status.Errorf(codes.NotFound, "no result of action %s is in the cache", action)
	}
	c.hits.Add(1)
	return r, nil
}

// lookUp is Get by key; nil if there is no usable result.
func (c *Cache) lookUp(ctx context.Context, k key) (*repb.ActionResult, error) {
	r, damaged := c.load(k)
	if damaged {
		c.log.Warn("a damaged entry of the action cache is dropped", "key", fmt.Sprintf("%x", k))
		c.drop(k)
	}
	if r == nil {
		return nil, nil
	}
	err := c.complete(ctx, r)
	switch status.Code(err) {
	case codes.OK:
		c.touch(k)
		return r, nil
	case codes.FailedPrecondition, codes.InvalidArgument:
		c.log.Debug("an incomplete entry of the action cache is dropped", "key", fmt.Sprintf("%x", k), "why", err)
		c.drop(k)
		return nil, nil
	}
	return nil, err // nothing is known of the entry: the caller went away, or the disk fails
}

// Put stores an action's result. codes.InvalidArgument, naming the field, if the result is malformed; codes.FailedPrecondition if
// a blob that it names is not in the store; codes.ResourceExhausted if the disk is full. r is not changed: bytes that are inlined in
// it are put into the blob store, and the stored result has their digests.
func (c *Cache) Put(ctx context.Context, instance string, action digest.Digest, r *repb.ActionResult) error {
	if err := validate(r); err != nil {
		return err
	}
	r, err := c.outline(r)
	if err != nil {
		return err
	}
	if err := c.complete(ctx, r); err != nil {
		return err
	}
	if err := c.save(keyOf(instance, action), r); err != nil {
		return c.store.DiskError("store an action's result", err)
	}
	return nil
}

func keyOf(instance string, action digest.Digest) key {
	if instance == "" {
		return action.Hash
	}
	return sha256.Sum256([]byte(instance + "\x00" + action.Hex()))
}
