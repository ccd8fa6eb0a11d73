package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// cachedLayer is fetched when it is first read.
type cachedLayer struct {
	v1.Layer
	ctx       context.Context
	digest    v1.Hash
	finder    *Finder
	reference string
	mu        sync.Mutex
}

// Compressed opens the layer in the cache.
func (l *cachedLayer) Compressed() (io.ReadCloser, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, err := l.open(); err == nil {
		return f, nil
	}
	if err := l.fetch(); err != nil {
		return nil, err
	}
	return l.open()
}

func (l *cachedLayer) path() string {
	return filepath.Join(l.finder.Cache, l.digest.Algorithm+"-"+l.digest.Hex)
}

func (l *cachedLayer) open() (io.ReadCloser, error) {
	now := time.Now()
	if err := os.Chtimes(l.path(), now, now); err != nil {
		return nil, err
	}
	return os.Open(l.path())
}

// fetch puts the layer into the cache. The registry's reader fails when the bytes are not those of the digest.
func (l *cachedLayer) fetch() (err error) {
	r, err := l.Layer.Compressed()
	if err != nil {
		return err
	}
	defer r.Close()
	part, err := os.CreateTemp(l.finder.Cache, "part-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // renamed when all went well
	_, err = io.Copy(part, &counted{l, r})
	if err := errors.Join(err, part.Close()); err != nil {
		return fmt.Errorf("fetching layer %s: %w", l.digest, err)
	}
	return os.Rename(part.Name(), l.path())
}

// counted tells of what was fetched, and stops when nobody wants it any more.
type counted struct {
	layer *cachedLayer
	io.Reader
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.layer.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.Reader.Read(p)
	if tell := c.layer.finder.Fetched; tell != nil && n > 0 {
		tell(c.layer.reference, int64(n))
	}
	return n, err
}
