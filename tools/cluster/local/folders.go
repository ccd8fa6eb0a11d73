package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// tagText marks the cache's folder: for backup programs (bford.info/cachedir), and for `down --purge`, which empties
// no folder that doesn't have it.
const tagText = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is the cache of bbf. `bbf down --purge` empties it.\n"

// Prepare makes the folders that an engine needs, and refuses ones that others could write or that hold something else.
func (p Paths) Prepare() error {
	if err := os.MkdirAll(p.Cache, 0o700); err != nil {
		return fmt.Errorf("making the cache's folder: %w", err)
	}
	if err := p.claim(); err != nil {
		return err
	}
	folders := []string{p.Run()}
	if p.Sockets != p.Run() {
		folders = append(folders, filepath.Dir(p.Sockets), p.Sockets)
	}
	for _, f := range folders {
		if err := os.Mkdir(f, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("making the engine's folder: %w", err)
		}
		if err := private(f); err != nil {
			return err
		}
	}
	return nil
}

// claim puts the tag into a cache folder that is new.
func (p Paths) claim() error {
	if p.claimed() {
		return nil
	}
	entries, err := os.ReadDir(p.Cache)
	if err != nil {
		return fmt.Errorf("reading the cache's folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() != "run" && e.Name() != "lock" && e.Name() != filepath.Base(p.tag()) {
			return fmt.Errorf("%s is not empty and no cache of bbf (it holds %s): set BBF_CACHE to a folder that is empty or new", p.Cache, e.Name())
		}
	}
	if err := os.WriteFile(p.tag(), []byte(tagText), 0o644); err != nil {
		return fmt.Errorf("marking the cache's folder: %w", err)
	}
	return nil
}

func (p Paths) claimed() bool {
	tag, err := os.ReadFile(p.tag())
	return err == nil && strings.Contains(string(tag), "cache of bbf")
}

// private makes sure that nobody else can enter a folder: whoever reaches the socket runs code as its owner. Wrong
// modes of our own folder are mended; somebody else's folder, or a link, may be a trap.
func private(path string) error {
	fi, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("looking at the engine's folder: %w", err)
	}
	if !fi.IsDir() {
		return fmt.Errorf("%s is no folder: remove it", path)
	}
	if owner := ownerOf(fi); owner != os.Geteuid() {
		return fmt.Errorf("%s belongs to the user with the id %d, not to you: remove it, or set BBF_CACHE to a folder of yours", path, owner)
	}
	if fi.Mode().Perm() != 0o700 {
		if err := os.Chmod(path, 0o700); err != nil {
			return fmt.Errorf("closing the engine's folder to others: %w", err)
		}
	}
	return nil
}

func ownerOf(fi fs.FileInfo) int {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}

// CheckPrivate reports, without mending anything, what is wrong with the folders and sockets of an engine.
func (p Paths) CheckPrivate() error {
	for _, c := range []struct {
		path string
		mode fs.FileMode
	}{{p.Run(), 0o700}, {p.Sockets, 0o700}, {p.Engine(), 0o600}, {p.Control(), 0o600}} {
		fi, err := os.Lstat(c.path)
		switch {
		case err != nil:
			return fmt.Errorf("looking at the engine's sockets: %w", err)
		case ownerOf(fi) != os.Geteuid():
			return fmt.Errorf("%s belongs to the user with the id %d, not to you", c.path, ownerOf(fi))
		case fi.Mode().Perm() != c.mode:
			return fmt.Errorf("%s has the mode %04o, not %04o: others could reach it", c.path, fi.Mode().Perm(), c.mode)
		}
	}
	return nil
}
