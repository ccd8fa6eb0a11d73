//lint:file-ignore SA1019 Clients of API 2.0 use the fields that later versions call deprecated.

package execroot_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

func TestCollectAFile(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		root := r.tree(map[string]string{"in/a.txt": "hello"})
		got, err := r.run(shell("cat in/a.txt > out/sub/x; chmod 755 out/sub/x; echo y > y; chmod 644 y; echo noise > other", "out/sub/x", "y", "never"), root)
		if err != nil || got.code != 0 {
			t.Fatal(err, got)
		}
		if len(got.OutputFiles) != 2 || len(got.OutputDirectories)+len(got.OutputSymlinks) != 0 {
			t.Fatal(got.ActionResult)
		}
		x, y := got.OutputFiles[0], got.OutputFiles[1]
		if x.Path != "out/sub/x" || !x.IsExecutable || r.content(x.Digest) != "hello" || y.IsExecutable || r.content(y.Digest) != "y\n" {
			t.Fatal(got.ActionResult)
		}
	})
}

func TestCollectADirectory(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		root := r.tree(map[string]string{"d/keep": "kept", "d/gone": "x", "d/sub/old": "old", "d/link": "-> keep"})
		got, err := r.run(shell(`set -e; rm d/gone; rm -r d/sub; mkdir d/sub; echo n > d/sub/new; mkdir -p d/p/q d/r/q; echo s > d/p/q/s; echo s > d/r/q/s; ln -s /nowhere d/abs`, "d"), root)
		if err != nil || got.code != 0 {
			t.Fatal(err, got)
		}
		if len(got.OutputDirectories) != 1 {
			t.Fatal(got.ActionResult)
		}
		var tree repb.Tree
		if err := proto.Unmarshal([]byte(r.content(got.OutputDirectories[0].TreeDigest)), &tree); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range tree.Root.Files {
			names = append(names, f.Name)
		}
		for _, f := range tree.Root.Directories {
			names = append(names, f.Name+"/")
		}
		for _, f := range tree.Root.Symlinks {
			names = append(names, f.Name+"@"+f.Target)
		}
		if want := []string{"keep", "p/", "r/", "sub/", "abs@/nowhere", "link@keep"}; !slices.Equal(names, want) {
			t.Fatalf("got %v, want %v", names, want)
		}
		if len(tree.Children) != 3 { // p and r are equal, so are their q; and sub
			t.Fatalf("%d children: %v", len(tree.Children), &tree)
		}
		// Parents come first, and every child is there.
		seen := map[string]bool{}
		for _, d := range append([]*repb.Directory{tree.Root}, tree.Children...) {
			_, dg, err := digest.OfMessage(d)
			if err != nil {
				t.Fatal(err)
			}
			seen[dg.Hex()] = true
			for _, c := range d.Directories {
				if seen[c.Digest.Hash] {
					t.Fatalf("%s comes before its parent", c.Name)
				}
			}
		}
	})
}

func TestCollectNothingThroughSymlinks(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	eachMode(t, func(t *testing.T, r *rig) {
		c := shell("rmdir out; ln -s "+filepath.Dir(secret)+" out; ln -s "+secret+" direct; ln -s missing dangling", "out/secret", "direct", "dangling")
		got, err := r.run(c, r.tree(nil))
		if err != nil || got.code != 0 {
			t.Fatal(err, got)
		}
		if len(got.OutputFiles) != 0 || len(got.OutputSymlinks) != 2 || got.OutputSymlinks[0].Target != secret || got.OutputSymlinks[1].Target != "missing" {
			t.Fatal(got.ActionResult)
		}
	})
}

func TestCollectOlderFields(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		c := &repb.Command{Arguments: []string{"/bin/sh", "-c", "echo x > f; ln -s f l; mkdir d; echo y > d/y; ln -s d dl"}, OutputFiles: []string{"f", "l"}, OutputDirectories: []string{"d", "dl"}}
		got, err := r.run(c, r.tree(nil))
		if err != nil || got.code != 0 {
			t.Fatal(err, got)
		}
		if len(got.OutputFiles) != 1 || len(got.OutputDirectories) != 1 || len(got.OutputFileSymlinks) != 1 || len(got.OutputDirectorySymlinks) != 1 || len(got.OutputSymlinks) != 0 {
			t.Fatal(got.ActionResult)
		}
		for name, c := range map[string]*repb.Command{
			"WhenAFileIsADirectory": {Arguments: []string{"/bin/mkdir", "o"}, OutputFiles: []string{"o"}},
			"WhenADirectoryIsAFile": {Arguments: []string{"/usr/bin/touch", "o"}, OutputDirectories: []string{"o"}},
		} {
			t.Run(name, func(t *testing.T) {
				if _, err := r.run(c, r.tree(nil)); status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), `"o"`) {
					t.Fatal(err)
				}
			})
		}
	})
}

func TestCollectSpecialFiles(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		for _, c := range []*repb.Command{shell("mkfifo o", "o"), shell("mkdir d; mkfifo d/o", "d")} {
			if _, err := r.run(c, r.tree(nil)); status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "named pipe") {
				t.Fatal(err)
			}
		}
	})
}

func TestCollectWithoutRights(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		got, err := r.run(shell("mkdir d; echo x > d/f; chmod 0 d/f; chmod 0 d", "d"), r.tree(nil))
		if err != nil || got.code != 0 || len(got.OutputDirectories) != 1 {
			t.Fatal(err, got)
		}
	})
}

func TestCollectInWorkingDirectory(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		c := shell("pwd; echo x > out/x", "out/x")
		c.WorkingDirectory = "w/v"
		got, err := r.run(c, r.tree(map[string]string{"a": "a"}))
		if err != nil || len(got.OutputFiles) != 1 || got.OutputFiles[0].Path != "out/x" || !strings.HasSuffix(got.stdout, "/w/v\n") {
			t.Fatal(err, got)
		}
	})
}

func TestCollectNodeProperties(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		c := shell("echo x > x; chmod 640 x; touch -d @1000000 x", "x")
		c.OutputNodeProperties = []string{"mtime", "unix_mode"}
		got, err := r.run(c, r.tree(nil))
		if err != nil || len(got.OutputFiles) != 1 {
			t.Fatal(err, got)
		}
		if p := got.OutputFiles[0].NodeProperties; p.GetMtime().GetSeconds() != 1000000 || p.GetUnixMode().GetValue() != 0o640 {
			t.Fatal(p)
		}
	})
}

func TestCollectAnInput(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		got, err := r.run(shell("true", "a", "d"), r.tree(map[string]string{"a": "content", "d/x": "y"}))
		if err != nil || len(got.OutputFiles) != 1 || r.content(got.OutputFiles[0].Digest) != "content" || len(got.OutputDirectories) != 1 {
			t.Fatal(err, got)
		}
	})
}

func TestCollectAFileThatIsInTwoOutputs(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		got, err := r.run(shell("mkdir -p d/e; echo x > d/e/f", "d", "d/e", "d/e/f"), r.tree(nil))
		if err != nil || len(got.OutputFiles) != 1 || len(got.OutputDirectories) != 2 {
			t.Fatal(err, got)
		}
	})
}
