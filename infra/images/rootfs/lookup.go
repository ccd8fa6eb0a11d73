package rootfs

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links may lie on a way, as in Linux.
const maxLinks = 40

// Entry is one name of a tree.
type Entry struct {
	Path   string // absolute, without links in it
	Kind   Kind
	Mode   fs.FileMode // permission bits
	Size   int64       // of a regular file, in bytes
	Target string      // of a symbolic link

	node *node
}

// Stat follows symbolic links, which are of the image and never lead out of it. The error is fs.ErrNotExist when nothing is there.
func (t *Tree) Stat(name string) (Entry, error) {
	w := walk{tree: t, follow: true}
	return w.entry(name)
}

// Lstat is Stat for the name itself, if that is a link.
func (t *Tree) Lstat(name string) (Entry, error) {
	w := walk{tree: t}
	return w.entry(name)
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]Entry, error) {
	dir, err := t.Stat(name)
	if err != nil {
		return nil, err
	}
	if dir.Kind != Directory {
		return nil, &fs.PathError{Op: "list", Path: name, Err: fmt.Errorf("no directory")}
	}
	var entries []Entry
	for base, n := range dir.node.children {
		entries = append(entries, newEntry(path.Join(dir.Path, base), n))
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return entries, nil
}

func newEntry(name string, n *node) Entry {
	e := Entry{Path: name, Kind: n.kind, Mode: n.mode, Target: n.target, node: n}
	if n.file != nil {
		e.Size = n.file.size
	}
	return e
}

func (t *Tree) find(name string, follow bool) (*node, error) {
	w := walk{tree: t, follow: follow}
	e, err := w.entry(name)
	return e.node, err
}

// walk goes down a path, as the kernel does in a chroot.
type walk struct {
	tree   *Tree
	follow bool // a link at the very end too
	links  int
}

func (w *walk) entry(name string) (Entry, error) {
	at, names := []*node{w.tree.root}, []string(nil) // where we are: the way from the root
	rest := strings.Split(name, "/")
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		n := at[len(at)-1]
		switch {
		case part == "" || part == ".":
			continue
		case part == "..":
			if len(names) > 0 {
				at, names = at[:len(at)-1], names[:len(names)-1]
			}
			continue
		case n.kind != Directory:
			return Entry{}, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
		}
		next := n.children[part]
		if next == nil {
			return Entry{}, &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
		}
		if next.kind == Symlink && (w.follow || len(rest) > 0) {
			if w.links++; w.links > maxLinks {
				return Entry{}, &fs.PathError{Op: "find", Path: name, Err: fmt.Errorf("too many symbolic links")}
			}
			if path.IsAbs(next.target) {
				at, names = at[:1], nil
			}
			rest = append(strings.Split(next.target, "/"), rest...)
			continue
		}
		at, names = append(at, next), append(names, part)
	}
	return newEntry("/"+strings.Join(names, "/"), at[len(at)-1]), nil
}
