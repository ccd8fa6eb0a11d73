package rootfs

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
)

// Contents streams regular files, each once, in the order in which they lie in the layers; names with the same content come one after the
// other. Layers without one of them are not read. each gets the indices of the entries that have this content.
func (t *Tree) Contents(ctx context.Context, entries []Entry, each func(indices []int, content io.Reader) error) error {
	wanted := make([]map[int][]int, len(t.layers)) // by layer, then by position in it
	for i, e := range entries {
		f := e.node.file
		if f == nil {
			return fmt.Errorf("%s is no file", e.Path)
		}
		if wanted[f.layer] == nil {
			wanted[f.layer] = map[int][]int{}
		}
		wanted[f.layer][f.entry] = append(wanted[f.layer][f.entry], i)
	}
	for i, files := range wanted {
		if len(files) == 0 {
			continue
		}
		if err := t.layerContents(ctx, i, files, each); err != nil {
			return fmt.Errorf("layer %d of %d: %w", i+1, len(t.layers), err)
		}
	}
	return nil
}

func (t *Tree) layerContents(ctx context.Context, layer int, files map[int][]int, each func([]int, io.Reader) error) error {
	return t.readLayer(ctx, layer, func(archive *tar.Reader) error {
		left := len(files)
		for entry := 0; left > 0; entry++ {
			if _, err := archive.Next(); err != nil {
				return fmt.Errorf("its tar: %w", err)
			}
			if indices := files[entry]; indices != nil {
				if err := each(indices, archive); err != nil {
					return err
				}
				left--
			}
		}
		return nil
	})
}
