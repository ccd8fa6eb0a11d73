package linkage

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/images/rootfs"
)

// Check says what the image lacks; the first of it, by name.
func (c *Checker) Check(ctx context.Context) error {
	slices.SortFunc(c.needs, func(a, b need) int { return strings.Compare(a.name, b.name) })
	has, err := c.libraries()
	if err != nil {
		return err
	}
	offered, err := c.offered(ctx, has[libc])
	if err != nil {
		return err
	}
	for _, n := range c.needs {
		if n.loader != "" {
			if _, err := c.Tree.Stat(n.loader); err != nil {
				return fmt.Errorf("image %s has no %s, the program loader of glibc, which %s needs; Buildfarm's worker runs in images with glibc only, such as debian, ubuntu, fedora and amazonlinux, not alpine or an empty one", c.Image, n.loader, n.name)
			}
		}
		for _, l := range n.libraries {
			if _, there := has[l]; !there && !c.private[l] {
				return fmt.Errorf("image %s has no %s, which %s needs", c.Image, l, n.name)
			}
		}
		for _, v := range n.versions {
			if !offered[v] {
				return fmt.Errorf("image %s has a glibc up to %s, and %s needs %s", c.Image, newest(offered), n.name, v)
			}
		}
	}
	return nil
}

// newest of glibc's versions.
func newest(offered map[string]bool) string {
	return slices.MaxFunc(append(slices.Collect(maps.Keys(offered)), ""), compareVersions)
}

// libraries of the image, by name. A loader looks where its own configuration says, too; the usual folders are enough to know.
func (c *Checker) libraries() (map[string]rootfs.Entry, error) {
	has := map[string]rootfs.Entry{}
	for _, dir := range []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
		"/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"} {
		entries, err := c.Tree.ReadDir(dir)
		if err != nil {
			continue // not every image has every folder
		}
		for _, e := range entries {
			if !strings.Contains(path.Base(e.Path), ".so") {
				continue
			}
			if at, err := c.Tree.Stat(e.Path); err == nil && at.Kind == rootfs.Regular {
				has[path.Base(e.Path)] = at
			}
		}
	}
	return has, nil
}

// offered are the versions that the image's C library has.
func (c *Checker) offered(ctx context.Context, library rootfs.Entry) (map[string]bool, error) {
	offered := map[string]bool{}
	if library.Path == "" {
		return offered, nil
	}
	err := c.Tree.Contents(ctx, []rootfs.Entry{library}, func(_ []int, content io.Reader) error {
		data, err := io.ReadAll(io.LimitReader(content, largest))
		if err != nil {
			return err
		}
		f, err := elf.NewFile(strings.NewReader(string(data)))
		if err != nil {
			return errors.New(library.Path + " is no library")
		}
		versions, err := f.DynamicVersions()
		for _, v := range versions {
			offered[v.Name] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", c.Image, err)
	}
	return offered, nil
}

// largest C library that is looked at, in bytes; they have 2 MB.
const largest = 64 << 20
