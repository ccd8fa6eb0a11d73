package rootfs

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Names of what takes names of lower layers away.
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq" // everything in its directory
)

// apply lays the entries of a layer over what is there.
func (t *Tree) apply(layer int, archive *tar.Reader) error {
	for entry := 0; ; entry++ {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("its tar: %w", err)
		}
		if t.entries++; t.entries > most {
			return fmt.Errorf("more than %d files", most)
		}
		if err := t.add(layer, entry, h); err != nil {
			return err
		}
	}
}

func (t *Tree) add(layer, entry int, h *tar.Header) error {
	dir, name := path.Split(path.Clean("/" + h.Name)) // nothing is above the root
	switch {
	case h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	case len(h.Name) > longest || len(h.Linkname) > longest:
		return fmt.Errorf("%.60s…: has a name or a target of more than %d bytes", h.Name, longest)
	}
	if name == "" {
		t.root.mode = h.FileInfo().Mode().Perm()
		return nil
	}
	if strings.HasPrefix(name, whiteout) {
		t.hide(layer, dir, name)
		return nil
	}
	n, err := t.nodeOf(layer, entry, h)
	if err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	parent, err := t.makeDirectory(dir, layer)
	if err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	if old := parent.children[name]; old != nil && old.kind == Directory && n.kind == Directory {
		old.mode, old.layer = n.mode, layer
		return nil
	}
	parent.children[name] = n
	return nil
}

func (t *Tree) nodeOf(layer, entry int, h *tar.Header) (*node, error) {
	n := &node{kind: Other, mode: h.FileInfo().Mode().Perm(), layer: layer}
	switch h.Typeflag {
	case tar.TypeDir:
		n.kind, n.children = Directory, map[string]*node{}
	case tar.TypeReg, tar.TypeGNUSparse:
		n.kind, n.file = Regular, &file{layer, entry, h.Size}
	case tar.TypeSymlink:
		n.kind, n.target = Symlink, h.Linkname
	case tar.TypeLink:
		old, err := t.find(h.Linkname, false)
		if err != nil {
			return nil, fmt.Errorf("is a hard link to %s: %w", h.Linkname, err)
		}
		if old.kind == Directory {
			return nil, fmt.Errorf("is a hard link to the directory %s", h.Linkname)
		}
		same := *old
		same.layer = layer
		n = &same
	}
	return n, nil
}

// hide takes away what lower layers have under a name, or all that they have in a directory. What this layer has there itself stays,
// whatever the order of its entries.
func (t *Tree) hide(layer int, dir, name string) {
	parent, err := t.find(dir, true)
	if err != nil || parent.kind != Directory {
		return
	}
	if name == opaque {
		prune(parent, layer)
		return
	}
	name = strings.TrimPrefix(name, whiteout)
	if n := parent.children[name]; n != nil && !prune(n, layer) {
		delete(parent.children, name)
	}
}

// prune removes what isn't of the layer from a directory, and says whether the name itself stays.
func prune(n *node, layer int) bool {
	stays := n.layer == layer
	for name, c := range n.children {
		if prune(c, layer) {
			stays = true
		} else {
			delete(n.children, name)
		}
	}
	return stays
}

// makeDirectory finds a directory, through symbolic links as the kernel would, and makes what is missing of it.
func (t *Tree) makeDirectory(name string, layer int) (*node, error) {
	n, err := t.find(name, true)
	switch {
	case err == nil && n.kind == Directory:
		return n, nil
	case err == nil:
		return nil, fmt.Errorf("%s is no directory", name)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	dir, base := path.Split(path.Clean(name))
	parent, err := t.makeDirectory(dir, layer)
	if err != nil {
		return nil, err
	}
	if parent.children[base] != nil { // a link to nowhere
		return nil, fmt.Errorf("%s leads nowhere", name)
	}
	n = newDirectory(layer)
	parent.children[base] = n
	return n, nil
}
