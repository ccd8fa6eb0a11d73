package source

import (
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// fromLayout opens DIR or DIR@sha256:….
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md
func fromLayout(dir string, want v1.Platform) (v1.Image, error) {
	var only string
	if at := strings.LastIndex(dir, "@sha256:"); at >= 0 {
		dir, only = dir[:at], dir[at+1:]
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("it is no OCI layout: %w", err)
	}
	if only == "" {
		return choose(index, want, 0)
	}
	digest, err := v1.NewHash(only)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, m := range manifest.Manifests {
		switch {
		case m.Digest != digest:
		case m.MediaType.IsIndex():
			inner, err := index.ImageIndex(digest)
			if err != nil {
				return nil, err
			}
			return choose(inner, want, 1)
		default:
			return index.Image(digest)
		}
	}
	return nil, fmt.Errorf("its index.json names no %s", digest)
}
