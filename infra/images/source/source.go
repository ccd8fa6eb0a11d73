// Package source finds images: in a registry, in an OCI layout folder (oci:DIR) or in a tar file (tar:FILE, of `docker save` or an OCI
// archive). Of an image for several machines it takes the one for the platform that is asked for, and it refuses one for another
// machine. Layers are kept in a cache folder, so that each is fetched once.
package source

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Prefixes of references that are no registry's.
const (
	PrefixLayout = "oci:"
	PrefixTar    = "tar:"
)

// Finder finds images.
type Finder struct {
	Work  string // folder for temporary files; the images are used as long as it is there
	Cache string // folder of layers, by digest; made when it isn't there

	// Registry says how to talk to the registry of a reference.
	Registry func(context.Context, string) (name.Reference, []remote.Option, error)
	// Fetched is told of bytes of a registry's layers as they come, from several goroutines; nil is not told.
	Fetched func(reference string, bytes int64)
}

// Image is one image for one platform.
type Image struct {
	v1.Image
	Reference string  // as it was asked for
	ID        v1.Hash // digest of its manifest, not of an index that it is in
}

// Find finds the image of a reference for a platform.
func (f *Finder) Find(ctx context.Context, reference string, want v1.Platform) (*Image, error) {
	image, err := f.find(ctx, reference, want)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", reference, err)
	}
	if err := check(image, want); err != nil {
		return nil, fmt.Errorf("image %s: %w", reference, err)
	}
	digest, err := image.Digest()
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", reference, err)
	}
	return &Image{image, reference, digest}, nil
}

func (f *Finder) find(ctx context.Context, reference string, want v1.Platform) (v1.Image, error) {
	if dir, ok := strings.CutPrefix(reference, PrefixLayout); ok {
		return fromLayout(dir, want)
	}
	if file, ok := strings.CutPrefix(reference, PrefixTar); ok {
		return f.fromTar(file, want)
	}
	image, err := f.fromRegistry(ctx, reference, want)
	if err != nil {
		return nil, err
	}
	return f.cached(ctx, reference, image)
}

func (f *Finder) fromRegistry(ctx context.Context, reference string, want v1.Platform) (v1.Image, error) {
	ref, options, err := f.Registry(ctx, reference)
	if err != nil {
		return nil, err
	}
	found, err := remote.Get(ref, append(options, remote.WithContext(ctx))...)
	if err != nil {
		return nil, err
	}
	if !found.MediaType.IsIndex() {
		return found.Image()
	}
	index, err := found.ImageIndex()
	if err != nil {
		return nil, err
	}
	return choose(index, want, 0)
}
