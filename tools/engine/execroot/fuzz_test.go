package execroot_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/execroot"
)

// FuzzBuild makes exec roots of whatever bytes, and looks whether anything came to lie outside of them.
func FuzzBuild(f *testing.F) {
	r := newRig(f, true)
	x := r.put("x")
	for _, m := range []*repb.Directory{
		{},
		{Files: []*repb.FileNode{{Name: "a", Digest: x, IsExecutable: true}}},
		{Files: []*repb.FileNode{{Name: "../a", Digest: x}}},
		{Symlinks: []*repb.SymlinkNode{{Name: "l", Target: "/etc"}}, Directories: []*repb.DirectoryNode{{Name: "d", Digest: r.tree(nil).Proto()}}},
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "out/x")
	}
	f.Add([]byte("\xff"), "l/x")
	outside := filepath.Join(r.dir, "roots")
	f.Fuzz(func(t *testing.T, directory []byte, output string) {
		root, err := r.store.Put(directory)
		if err != nil {
			t.Fatal(err)
		}
		c := &repb.Command{Arguments: []string{"x"}, OutputPaths: []string{output}}
		outputs, err := execroot.ParseOutputs(c)
		if err != nil {
			if status.Code(err) != codes.InvalidArgument {
				t.Fatal(err)
			}
			return
		}
		made, err := r.builder.Build(t.Context(), c, root, outputs)
		if err == nil {
			made.Remove()
		}
		var gone *cas.MissingError
		if err != nil && status.Code(err) != codes.InvalidArgument && !errors.As(err, &gone) {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(outside)
		if err != nil || len(entries) != 3 { // run, trash, trees
			t.Fatal(entries, err)
		}
	})
}

// FuzzParseOutputs looks whether a path that is accepted stays where it belongs.
func FuzzParseOutputs(f *testing.F) {
	for _, s := range []string{"a", "a/b", "/a", "../a", "a/../b", "a//b", "", ".", "a\x00", "..a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		_, err := execroot.ParseOutputs(&repb.Command{OutputPaths: []string{p}})
		if ok := filepath.IsLocal(p) && filepath.Clean(p) == p && p != "."; err == nil && !ok {
			t.Fatalf("%q was accepted", p)
		}
	})
}
