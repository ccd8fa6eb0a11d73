package rootfs_test

import (
	"io"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/infra/images/rootfs"
)

// FuzzLayers lays two layers of any bytes over each other. Whatever they are, there is an error or a tree in which every name can be found
// again and every file has as many bytes as it says.
func FuzzLayers(f *testing.F) {
	lower := imagetest.Tar(f, dir("d"), file("d/a", "1"), symlink("l", "d"), hardlink("h", "d/a"), file("../x", "2"))
	upper := imagetest.Tar(f, file("l/b", "3"), file("d/.wh.a", ""), file(".wh..wh..opq", ""), symlink("c", "c"))
	f.Add(lower, upper)
	f.Add(upper, lower)
	f.Fuzz(func(t *testing.T, lower, upper []byte) {
		image := imagetest.Image(t, "amd64", v1.Config{}, imagetest.LayerOf(t, lower), imagetest.LayerOf(t, upper))
		tree, err := rootfs.Read(t.Context(), image)
		if err != nil {
			return
		}
		var files []rootfs.Entry
		var below func(string)
		below = func(d string) {
			all, err := tree.ReadDir(d)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range all {
				again, err := tree.Lstat(e.Path)
				if err != nil || again.Path != e.Path || again.Kind != e.Kind {
					t.Fatalf("%q is found as %+v, %v", e.Path, again, err)
				}
				if strings.Contains(e.Path, "/../") || !strings.HasPrefix(e.Path, "/") {
					t.Fatalf("a name that leads upwards: %q", e.Path)
				}
				switch e.Kind {
				case rootfs.Directory:
					below(e.Path)
				case rootfs.Regular:
					files = append(files, e)
				}
			}
		}
		below("/")
		seen := 0
		err = tree.Contents(t.Context(), files, func(indices []int, content io.Reader) error {
			n, err := io.Copy(io.Discard, io.LimitReader(content, 1<<20))
			for _, i := range indices {
				seen++
				if err == nil && n != min(files[i].Size, 1<<20) {
					t.Fatalf("%s has %d bytes of %d", files[i].Path, n, files[i].Size)
				}
			}
			return err
		})
		if err == nil && seen != len(files) {
			t.Fatalf("%d of %d files have a content", seen, len(files))
		}
	})
}
