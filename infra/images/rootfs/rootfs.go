// Package rootfs reads the file system that the layers of an image add up to, so that files can be taken out of it. Nothing of an image is
// ever written under a name that the image chose: names and attributes are kept in memory, the contents stay in the layers until they
// are streamed. Layers are laid over each other as in
// https://github.com/opencontainers/image-spec/blob/main/layer.md
package rootfs

import (
	"archive/tar"
	"context"
	"fmt"
	"io/fs"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Kind of what has a name.
type Kind byte

// The kinds.
const (
	Directory Kind = iota
	Regular
	Symlink
	Other // a device, a FIFO or a socket
)

// Tree is the merged file system of an image.
type Tree struct {
	layers  []v1.Layer
	diffIDs []v1.Hash
	root    *node
	entries int
}

// node is one name. Hard links are names with the same file.
type node struct {
	kind     Kind
	mode     fs.FileMode // permission bits
	target   string      // of a symbolic link
	file     *file       // of a regular file
	children map[string]*node
	layer    int // that has said so last
}

// file is the content of a regular file: an entry of a layer's tar.
type file struct {
	layer, entry int
	size         int64
}

// most names that an image may have. A whole distribution with several toolchains has some hundred thousand.
const most = 4_000_000

// longest name, as in Linux.
const longest = 4096

// Read reads the names of all layers, the lowest first. Each layer is checked against the digest that the image's configuration names.
func Read(ctx context.Context, image v1.Image) (*Tree, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the image's configuration: %w", err)
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, fmt.Errorf("reading the image's manifest: %w", err)
	}
	if len(layers) != len(config.RootFS.DiffIDs) {
		return nil, fmt.Errorf("the image has %d layers, and its configuration names %d", len(layers), len(config.RootFS.DiffIDs))
	}
	t := &Tree{layers: layers, diffIDs: config.RootFS.DiffIDs, root: newDirectory(-1)}
	for i := range layers {
		if err := t.readLayer(ctx, i, func(r *tar.Reader) error { return t.apply(i, r) }); err != nil {
			return nil, fmt.Errorf("layer %d of %d: %w", i+1, len(layers), err)
		}
	}
	return t, nil
}

func newDirectory(layer int) *node {
	return &node{kind: Directory, mode: 0o755, children: map[string]*node{}, layer: layer}
}
