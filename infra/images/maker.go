package images

import (
	"context"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images/rootfs"
	"github.com/bbf-build/bbf/infra/images/source"
)

// Maker makes images. They are used as long as its work folder is there.
type Maker struct {
	Work     string // folder for what is made; it takes some hundred MB
	Upstream Upstream
	Note     func(string) // is told what isn't wrong, but may surprise; nil is not told

	trees map[v1.Hash]*rootfs.Tree // by digest of the image
}

func (m *Maker) note(format string, args ...any) {
	if m.Note != nil {
		m.Note(fmt.Sprintf(format, args...))
	}
}

// tree reads an image, each only once.
func (m *Maker) tree(ctx context.Context, image *source.Image) (*rootfs.Tree, error) {
	if t := m.trees[image.ID]; t != nil {
		return t, nil
	}
	t, err := rootfs.Read(ctx, image)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Reference, err)
	}
	if m.trees == nil {
		m.trees = map[v1.Hash]*rootfs.Tree{}
	}
	m.trees[image.ID] = t
	return t, nil
}
