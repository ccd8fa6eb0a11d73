package source

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/bbf-build/bbf/infra/images/layer"
)

// compress makes the layers of `docker save`, which are plain tar files, what they are to be in a registry, on every machine the same.
func (f *Finder) compress(image v1.Image) (v1.Image, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, err
	}
	made := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, l := range layers {
		r, err := l.Uncompressed()
		if err != nil {
			return nil, err
		}
		compressed, err := layer.Compress(f.Work, r, types.OCILayer)
		r.Close()
		if err != nil {
			return nil, err
		}
		if made, err = mutate.AppendLayers(made, compressed); err != nil {
			return nil, err
		}
	}
	return mutate.ConfigFile(made, config)
}
