// Package layer makes layers of images: the same files are always the same bytes, on whatever machine and whenever. So entries are sorted,
// belong to root, have no time, and are compressed by a gzip whose version is pinned by go.mod, not by one that comes with Go. A layer
// lies in a file, never in memory.
package layer

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// Builder collects what is to be in a layer. Names are slash-separated and relative to the root of the image.
type Builder struct {
	below   string
	entries map[string]entry
}

// entry is a directory when there is neither a target nor an opener.
type entry struct {
	mode   int64
	target string
	size   int64
	open   func() (io.Reader, error)
}

// New returns an empty builder. Directories above `below` are not entries of the layer: what the layers beneath say of them stays, be they
// there or links to elsewhere.
func New(below string) *Builder {
	return &Builder{clean(below), map[string]entry{}}
}

func clean(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

// Directory adds a directory. Those that files are in come by themselves, with the mode 0755.
func (b *Builder) Directory(name string, mode int64) { b.add(name, entry{mode: mode}) }

// Symlink adds a symbolic link.
func (b *Builder) Symlink(name, target string) { b.add(name, entry{mode: 0o777, target: target}) }

// File adds a file of that many bytes; open is called when the layer is made.
func (b *Builder) File(name string, mode, size int64, open func() (io.Reader, error)) {
	b.add(name, entry{mode: mode, size: size, open: open})
}

func (b *Builder) add(name string, e entry) {
	name = clean(name)
	b.entries[name] = e
	for dir := path.Dir(name); dir != "." && len(dir) >= len(b.below); dir = path.Dir(dir) {
		if _, there := b.entries[dir]; !there {
			b.entries[dir] = entry{mode: 0o755}
		}
	}
}

// sorted names, so that a directory comes before what is in it.
func (b *Builder) sorted() []string {
	return slices.SortedFunc(maps.Keys(b.entries), func(x, y string) int { return cmp.Compare(x, y) })
}

// check refuses what would be two things at once.
func (b *Builder) check() error {
	for name := range b.entries {
		dir, there := b.entries[path.Dir(name)]
		if there && (dir.open != nil || dir.target != "") {
			return fmt.Errorf("%s is in %s, which is no directory", name, path.Dir(name))
		}
	}
	return nil
}
