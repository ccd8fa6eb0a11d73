package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// deepest that indices lie in one another.
const deepest = 4

// errNone: nothing in an index is for the platform.
var errNone = errors.New("has nothing for the platform")

// choose takes the first image of an index that is for the platform.
func choose(index v1.ImageIndex, want v1.Platform, depth int) (v1.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if depth > deepest {
		return nil, fmt.Errorf("indices lie more than %d deep in one another", deepest)
	}
	var there []string
	for _, m := range manifest.Manifests {
		switch {
		case m.MediaType.IsIndex():
			inner, err := index.ImageIndex(m.Digest)
			if err != nil {
				return nil, err
			}
			if image, err := choose(inner, want, depth+1); !errors.Is(err, errNone) {
				return image, err
			}
		case m.MediaType.IsImage():
			image, platform, err := platformOf(index, m)
			if err != nil {
				return nil, err
			}
			if fits(platform, want) {
				return image, nil
			}
			there = append(there, platform.String())
		}
	}
	slices.Sort(there)
	return nil, fmt.Errorf("%w %s, only for: %s", errNone, want, strings.Join(slices.Compact(there), ", "))
}

// platformOf is what the index says, or else the image itself.
func platformOf(index v1.ImageIndex, m v1.Descriptor) (v1.Image, v1.Platform, error) {
	image, err := index.Image(m.Digest)
	if err != nil {
		return nil, v1.Platform{}, err
	}
	if m.Platform != nil && m.Platform.OS != "" {
		return image, *m.Platform, nil
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, v1.Platform{}, err
	}
	return image, v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}, nil
}

// fits compares platforms. Every 64-bit ARM is a v8.
func fits(have, want v1.Platform) bool {
	return have.OS == want.OS && have.Architecture == want.Architecture &&
		(have.Variant == "" || have.Variant == want.Variant || have.Architecture == "arm64" && have.Variant == "v8")
}

// check refuses an image whose configuration is for another platform, or isn't the one that its manifest names.
func check(image v1.Image, want v1.Platform) error {
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	have := v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}
	if !fits(have, want) {
		return fmt.Errorf("it is for %s, and the cluster's machines are %s", have, want)
	}
	manifest, err := image.Manifest()
	if err != nil {
		return err
	}
	name, err := image.ConfigName() // the digest of what was really read
	if err != nil {
		return err
	}
	if name != manifest.Config.Digest {
		return fmt.Errorf("its configuration has the digest %s, and its manifest says %s", name, manifest.Config.Digest)
	}
	return nil
}
