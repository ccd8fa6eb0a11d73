package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/images/layer"
	"github.com/bbf-build/bbf/infra/images/rootfs"
)

// taking collects files of one image that are to be in our layer.
type taking struct {
	tree    *rootfs.Tree
	image   string // to name in errors
	entries []rootfs.Entry
	names   []string       // in our layer, by entry
	links   [][2]string    // name, target
	folders map[string]int // being copied, against loops of links
}

func newTaking(t *rootfs.Tree, image string) *taking {
	return &taking{tree: t, image: image, folders: map[string]int{}}
}

// file takes one file.
func (t *taking) file(e rootfs.Entry, to string) {
	t.entries, t.names = append(t.entries, e), append(t.names, to)
}

// folder takes everything below a directory but the names to skip, which are relative to it. Links that lead to elsewhere in the directory
// stay links; what others lead to is taken in their place, and those that lead nowhere are left out.
func (t *taking) folder(from, to string, skip []string) error {
	return t.below(from, from, to, skip)
}

func (t *taking) below(top, from, to string, skip []string) error {
	if t.folders[from]++; t.folders[from] > 1 {
		return fmt.Errorf("image %s: %s has a link in it that leads back to it", t.image, from)
	}
	defer func() { t.folders[from]-- }()
	entries, err := t.tree.ReadDir(from)
	if err != nil {
		return fmt.Errorf("image %s: %w", t.image, err)
	}
	for _, e := range entries {
		relative := strings.TrimPrefix(e.Path, top+"/")
		if slices.Contains(skip, relative) {
			continue
		}
		if err := t.one(top, e, path.Join(to, path.Base(e.Path)), skip); err != nil {
			return err
		}
	}
	return nil
}

func (t *taking) one(top string, e rootfs.Entry, to string, skip []string) error {
	if e.Kind == rootfs.Symlink {
		target, err := t.tree.Stat(e.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("image %s: %w", t.image, err)
		}
		if strings.HasPrefix(target.Path, top+"/") && !path.IsAbs(e.Target) {
			t.links = append(t.links, [2]string{to, e.Target})
			return nil
		}
		e = target
	}
	switch e.Kind {
	case rootfs.Directory:
		return t.below(top, e.Path, to, skip)
	case rootfs.Regular:
		t.file(e, to)
	}
	return nil
}

// put copies the contents into a file of the work folder, since they come in the order of the image's layers, and adds everything to a
// layer.
func (t *taking) put(ctx context.Context, b *layer.Builder, work string) (*spool, error) {
	s, err := newSpool(work)
	if err != nil {
		return nil, err
	}
	err = t.tree.Contents(ctx, t.entries, func(indices []int, content io.Reader) error {
		section, err := s.add(content)
		if err != nil {
			return err
		}
		for _, i := range indices {
			s.sections[t.names[i]] = section
			b.File(t.names[i], int64(t.entries[i].Mode.Perm()|0o444), section.size, section.open)
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("image %s: %w", t.image, err), s.Close())
	}
	for _, l := range t.links {
		b.Symlink(l[0], l[1])
	}
	return s, nil
}
