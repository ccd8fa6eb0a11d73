package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// purge empties the cache of an engine that is stopped, and returns how many bytes of files that freed. It keeps the
// folder, its tag, and what says which workspaces there are.
func (p Paths) purge(ctx context.Context) (freed int64, err error) {
	cache := daemon.Cache(p.Cache)
	if !cache.Claimed() {
		return 0, fmt.Errorf("%s has no tag of bbf's: it is not emptied", p.Cache)
	}
	entries, err := os.ReadDir(p.Cache)
	if err != nil {
		return 0, fmt.Errorf("emptying the cache: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(p.Cache, e.Name())
		if slices.Contains(daemon.Folders, e.Name()) || path == p.Lock() || path == cache.Tag() {
			continue
		}
		freed += sizeOf(ctx, path)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if err := os.RemoveAll(path); err != nil {
			return 0, fmt.Errorf("emptying the cache: %w", err)
		}
	}
	return freed, nil
}

// sizeOf adds up what files take, each once however many links it has, and opens folders that are closed to writing,
// as input trees are, so that they can be removed.
func sizeOf(ctx context.Context, root string) (bytes int64) {
	seen := map[uint64]bool{}
	// What can't be read isn't counted; whether it can be removed shows later.
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return filepath.SkipAll
		}
		if d != nil && d.IsDir() && errors.Is(err, fs.ErrPermission) {
			return filepath.SkipDir
		}
		if err != nil {
			return nil
		}
		fi, err := d.Info()
		if err != nil {
			return nil
		}
		if d.IsDir() {
			if fi.Mode().Perm()&0o700 != 0o700 {
				return os.Chmod(path, 0o700)
			}
			return nil
		}
		st, ok := fi.Sys().(*syscall.Stat_t)
		if !ok || seen[uint64(st.Ino)] {
			return nil
		}
		if st.Nlink > 1 {
			seen[uint64(st.Ino)] = true
		}
		bytes += fi.Size()
		return nil
	})
	return bytes
}
