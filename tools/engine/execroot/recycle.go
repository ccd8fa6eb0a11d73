package execroot

import (
	"errors"
	"os"
)

var errChanged = errors.New("the action changed a folder into something else")

// recycle makes a slot fit for another action after one is over, or throws it away.
func (b *Builder) recycle(s *slot) {
	if !b.overlay || b.clear(s) != nil || !b.pool.put(s) {
		b.throw(s)
	}
}

// clear throws away everything that the action and its caller left, and keeps the folders that were made for it.
func (b *Builder) clear(s *slot) error {
	// What the kernel has made there can't be used for another overlay.
	if err := b.trash.throw(s.work + "/work"); err != nil {
		return err
	}
	if err := b.clearFolder(s.tmp, "", nil, 0o1777|os.ModeSticky); err != nil {
		return err
	}
	if err := b.clearTree(s.lower, s.inLower); err != nil {
		return err
	}
	if err := b.clearTree(s.upper, s.inUpper); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case "tmp", "lower", "upper", "work":
			continue
		}
		if e.Type().IsRegular() && os.Truncate(s.dir+"/"+e.Name(), 0) == nil { // for the next action: to make one costs more
			continue
		}
		if err := b.trash.throw(s.dir + "/" + e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// clearTree keeps nothing but the folders of the set.
func (b *Builder) clearTree(host string, keep map[string]struct{}) error {
	if err := b.clearFolder(host, "", keep, 0o755); err != nil {
		return err
	}
	for dir := range keep {
		if err := b.clearFolder(host, dir, keep, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// clearFolder clears one folder, and takes back what the action, or the kernel for it, did to the folder itself.
func (b *Builder) clearFolder(host, dir string, keep map[string]struct{}, mode os.FileMode) error {
	path := host
	if dir != "" {
		path += "/" + dir
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errChanged
	}
	if info.Mode().Perm() != mode.Perm() || info.Mode()&os.ModeSticky != mode&os.ModeSticky {
		if err := os.Chmod(path, mode.Perm()|mode&os.ModeSticky); err != nil {
			return err
		}
	}
	if err := clearAttributes(path); err != nil {
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, ok := keep[join(dir, e.Name())]; ok && e.IsDir() {
			continue
		}
		at := path + "/" + e.Name()
		// Most are further names of files in the store, and these cost nothing to delete.
		if e.Type().IsRegular() && os.Remove(at) == nil {
			continue
		}
		if err := b.trash.throw(at); err != nil {
			return err
		}
	}
	return nil
}
