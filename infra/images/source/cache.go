package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

// keep is how long a layer stays in the cache without being used.
const keep = 30 * 24 * time.Hour

// cached is an image whose layers come out of the cache.
func (f *Finder) cached(ctx context.Context, reference string, image v1.Image) (v1.Image, error) {
	if err := os.MkdirAll(f.Cache, 0o700); err != nil {
		return nil, err
	}
	if err := forget(f.Cache, time.Now().Add(-keep)); err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, err
	}
	c := &cachedImage{Image: image, layers: map[v1.Hash]v1.Layer{}}
	for _, l := range layers {
		digest, err := l.Digest()
		if err != nil {
			return nil, err
		}
		core := &cachedLayer{Layer: l, ctx: ctx, digest: digest, finder: f, reference: reference}
		whole, err := partial.CompressedToLayer(core)
		if err != nil {
			return nil, err
		}
		c.layers[digest] = whole
	}
	return c, nil
}

type cachedImage struct {
	v1.Image
	layers map[v1.Hash]v1.Layer
}

// Layers returns them in the order of the manifest.
func (c *cachedImage) Layers() ([]v1.Layer, error) {
	layers, err := c.Image.Layers()
	if err != nil {
		return nil, err
	}
	for i, l := range layers {
		if layers[i], err = c.LayerByDigest(digestOf(l)); err != nil {
			return nil, err
		}
	}
	return layers, nil
}

func digestOf(l v1.Layer) v1.Hash {
	digest, _ := l.Digest() // cached has asked already
	return digest
}

// LayerByDigest returns one of them.
func (c *cachedImage) LayerByDigest(digest v1.Hash) (v1.Layer, error) {
	if l := c.layers[digest]; l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("the image has no layer %s", digest)
}

// forget deletes what was not used since then, parts of fetches that were interrupted included.
func forget(cache string, since time.Time) error {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(since) {
			if err := os.Remove(filepath.Join(cache, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
