package execroot

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bbf-build/bbf/tools/engine/cas"
)

// linker makes folders of hard links.
type linker struct {
	store   *cas.Store
	without map[string]*directory            // places that are left out, by their path in the tree
	folders map[string]struct{}              // folders that are there already
	folder  func(host string) error          // called for each folder once everything in it is made; may be nil
	file    func(host string, f *file) error // called for each file that is a link into the store; may be nil
}

// link fills the folder host, which is there, with what is in d. The path is d's own in the tree.
func (l *linker) link(d *directory, host, path string) error {
	for i := range d.files {
		if err := l.linkFile(&d.files[i], host+"/"+d.files[i].name); err != nil {
			return err
		}
	}
	for _, s := range d.links {
		if err := os.Symlink(s.target, host+"/"+s.name); err != nil {
			return l.store.DiskError("make the symlink "+join(path, s.name), err)
		}
	}
	for _, f := range d.dirs {
		p := join(path, f.name)
		if l.without[p] == f.dir {
			continue
		}
		child := host + "/" + f.name
		if _, ok := l.folders[p]; !ok {
			if err := os.Mkdir(child, 0o755); err != nil {
				return l.store.DiskError("make the folder "+p, err)
			}
		}
		if err := l.link(f.dir, child, p); err != nil {
			return err
		}
	}
	if l.folder != nil {
		return l.folder(host)
	}
	return nil
}

func (l *linker) linkFile(f *file, host string) error {
	if f.properties != nil {
		return copyWithProperties(l.store, f, host)
	}
	if err := l.store.Link(f.digest, host, f.executable); err != nil {
		return err
	}
	if l.file != nil {
		return l.file(host, f)
	}
	return nil
}

// copyWithProperties makes a file of its own, as a hard link shares its time and mode with all others.
func copyWithProperties(store *cas.Store, f *file, host string) error {
	from, err := store.Open(f.digest)
	if err != nil {
		return err
	}
	defer from.Close()
	mode := os.FileMode(0o444)
	if f.executable {
		mode = 0o555
	}
	if m := f.properties.GetUnixMode(); m != nil {
		mode = os.FileMode(m.GetValue()) & 0o777
	}
	to, err := os.OpenFile(host, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return store.DiskError("make an input", err)
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Chmod(mode)
	}
	if closed := to.Close(); err == nil {
		err = closed
	}
	if m := f.properties.GetMtime(); err == nil && m != nil {
		err = os.Chtimes(host, time.Time{}, m.AsTime())
	}
	if err != nil {
		return store.DiskError(fmt.Sprintf("make the input %s", host), err)
	}
	return nil
}
