package images

import (
	"errors"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/bbf-build/bbf/infra/cloudformation"
)

// made is an image for each architecture.
type made struct {
	platforms []v1.Platform
	images    []v1.Image
}

// index of them, when they are several.
func (m made) index() v1.ImageIndex {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for i := range m.images {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: m.images[i], Descriptor: v1.Descriptor{Platform: &m.platforms[i]}})
	}
	return index
}

// whole is what a reference to all of it names.
func (m made) whole() (interface {
	partial.WithRawManifest
	remote.Taggable
}, error) {
	if len(m.images) == 1 {
		return m.images[0], nil
	}
	return m.index(), nil
}

func (m made) write(tag name.Tag, options []remote.Option) error {
	if len(m.images) == 1 {
		return remote.Write(tag, m.images[0], options...)
	}
	return remote.WriteIndex(tag, m.index(), options...)
}

// putManifests writes the manifests and tags, if they aren't there, and says whether it had to.
func putManifests(ref name.Digest, m made, whole remote.Taggable, contentTag string, options []remote.Option) (bool, error) {
	changed := false
	for _, tag := range []string{contentTag, cloudformation.CurrentTag} {
		at := ref.Context().Tag(tag)
		there, err := remote.Head(at, options...)
		if err == nil && there.Digest.String() == ref.DigestStr() {
			continue
		}
		if err != nil && !missingManifest(err) {
			return changed, err
		}
		if !changed { // the configurations and the manifests of all architectures
			if err := m.write(at, options); err != nil {
				return changed, err
			}
		} else if err := remote.Tag(at, whole, options...); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

func missingManifest(err error) bool {
	var e *transport.Error
	return errors.As(err, &e) && e.StatusCode == http.StatusNotFound
}
