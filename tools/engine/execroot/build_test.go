package execroot_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/execroot"
)

func TestBuildMakesTheInputs(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		root := r.tree(map[string]string{"a": "1", "b/c/d": "2", "b/l": "-> c/d", "empty/": "", "abs": "-> /etc/passwd"})
		got, err := r.run(shell(`cat a b/c/d b/l; readlink abs; ls empty; test -x a && echo executable`), root)
		if err != nil || got.stdout != "122/etc/passwd\nexecutable\n" {
			t.Fatal(err, got)
		}
	})
}

func TestBuildWithNodeProperties(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		m := &repb.Directory{Files: []*repb.FileNode{
			{Name: "a", Digest: r.put("x"), NodeProperties: &repb.NodeProperties{Mtime: &timestamppb.Timestamp{Seconds: 12345}}},
			{Name: "b", Digest: r.put("x"), IsExecutable: true, NodeProperties: &repb.NodeProperties{UnixMode: wrapperspb.UInt32(0o640)}},
			{Name: "c", Digest: r.put("x")},
		}}
		got, err := r.run(shell("stat -c '%a %Y' a; stat -c %a b c"), r.putDirectory(m))
		if err != nil || got.stdout != "444 12345\n640\n444\n" {
			t.Fatal(err, got)
		}
	})
}

func TestBuildNamesEverythingThatIsMissing(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		absentFile, absentFile2, absentDir := digest.Of([]byte("f")), digest.Of([]byte("g")), digest.Of([]byte("d"))
		sub := r.putDirectory(&repb.Directory{Files: []*repb.FileNode{{Name: "f", Digest: absentFile2.Proto()}}})
		root := r.putDirectory(&repb.Directory{
			Files: []*repb.FileNode{{Name: "f", Digest: absentFile.Proto()}, {Name: "there", Digest: r.put("x")}},
			Directories: []*repb.DirectoryNode{
				{Name: "d", Digest: absentDir.Proto()}, {Name: "e", Digest: absentDir.Proto()}, {Name: "s", Digest: sub.Proto()},
			},
		})
		for range 2 {
			_, err := r.build(shell("true"), root)
			var gone *cas.MissingError
			if !errors.As(err, &gone) {
				t.Fatal(err)
			}
			want := []digest.Digest{absentFile, absentFile2, absentDir}
			slices.SortFunc(want, digest.Digest.Compare)
			slices.SortFunc(gone.Digests, digest.Digest.Compare)
			if !slices.Equal(slices.Compact(gone.Digests), want) {
				t.Fatalf("got %v, want %v", gone.Digests, want)
			}
		}
		r.put("f")
		r.put("g")
		r.put("d") // not a Directory message: a byte that begins none
		if _, err := r.build(shell("true"), root); status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), ": d: ") {
			t.Fatal(err)
		}
		_, err := r.build(shell("true"), digest.Of([]byte("no such root")))
		var gone *cas.MissingError
		if !errors.As(err, &gone) || len(gone.Digests) != 1 {
			t.Fatal(err)
		}
	})
}

func TestBuildRefusesMalformedTrees(t *testing.T) {
	r := newRig(t, true)
	x := r.put("x")
	file := func(name string) *repb.Directory {
		return &repb.Directory{Files: []*repb.FileNode{{Name: name, Digest: x}}}
	}
	deep := r.putDirectory(&repb.Directory{})
	for range 1100 {
		deep = r.putDirectory(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "d", Digest: deep.Proto()}}})
	}
	long := r.putDirectory(&repb.Directory{})
	for range 100 {
		long = r.putDirectory(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: strings.Repeat("n", 255), Digest: long.Proto()}}})
	}
	wide := r.putDirectory(file("f"))
	for range 60 { // 2^60 files
		wide = r.putDirectory(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "a", Digest: wide.Proto()}, {Name: "b", Digest: wide.Proto()}}})
	}
	under := func(d digest.Digest) *repb.Directory {
		return &repb.Directory{Directories: []*repb.DirectoryNode{{Name: "under", Digest: d.Proto()}}}
	}
	for name, c := range map[string]struct {
		root *repb.Directory
		want string
	}{
		"WhenANameIsEmpty":          {file(""), "is empty"},
		"WhenANameIsDot":            {file("."), "not the name"},
		"WhenANameIsDotDot":         {file(".."), "not the name"},
		"WhenANameHasASlash":        {file("a/b"), "slash"},
		"WhenANameIsAbsolute":       {file("/etc/x"), "slash"},
		"WhenANameHasANul":          {file("a\x00b"), "NUL"},
		"WhenANameIsLong":           {file(strings.Repeat("n", 256)), "255"},
		"WhenANameIsThereTwice":     {&repb.Directory{Files: []*repb.FileNode{{Name: "a", Digest: x}}, Symlinks: []*repb.SymlinkNode{{Name: "a", Target: "b"}}}, "twice"},
		"WhenADigestIsMissing":      {&repb.Directory{Files: []*repb.FileNode{{Name: "a"}}}, "a: no digest"},
		"WhenADigestIsBad":          {&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "a", Digest: &repb.Digest{Hash: "zz"}}}}, "a: digest"},
		"WhenASymlinkGoesNowhere":   {&repb.Directory{Symlinks: []*repb.SymlinkNode{{Name: "a"}}}, "target"},
		"WhenATargetHasANul":        {&repb.Directory{Symlinks: []*repb.SymlinkNode{{Name: "a", Target: "x\x00"}}}, "NUL"},
		"WhenItIsTooDeep":           {under(deep), "inside of each other"},
		"WhenAPathIsTooLong":        {under(long), "bytes"},
		"WhenItIsABomb":             {under(wide), "more than"},
		"WhenItIsInALowerDirectory": {under(r.putDirectory(file(".."))), "under"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.build(shell("true"), r.putDirectory(c.root))
			if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want InvalidArgument with %q", err, c.want)
			}
		})
	}
	if entries, err := os.ReadDir(filepath.Join(r.dir, "roots", "run")); err != nil || len(entries) != 0 {
		t.Fatal("something was made on disk: ", entries, err)
	}
}

func TestBuildOfADirectoryThatClaimsToContainItself(t *testing.T) {
	r := newRig(t, true)
	claimed := digest.Of([]byte("whatever"))
	root := r.putDirectory(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "self", Digest: claimed.Proto()}}})
	var gone *cas.MissingError
	if _, err := r.build(shell("true"), root); !errors.As(err, &gone) || !slices.Equal(gone.Digests, []digest.Digest{claimed}) {
		t.Fatal(err)
	}
}

func TestBuildOfAHundredLevels(t *testing.T) {
	eachMode(t, func(t *testing.T, r *rig) {
		p := strings.Repeat("d/", 100) + "f"
		got, err := r.run(shell("cat "+p+"; echo out > "+p+".out", p+".out"), r.tree(map[string]string{p: "deep"}))
		if err != nil || got.stdout != "deep" || len(got.OutputFiles) != 1 {
			t.Fatal(err, got)
		}
	})
}

func TestBuildRefusesOutputsThroughInputs(t *testing.T) {
	target := t.TempDir()
	eachMode(t, func(t *testing.T, r *rig) {
		root := r.tree(map[string]string{"link": "-> " + target, "file": "x"})
		for _, p := range []string{"link/x", "link/a/b", "file/x"} {
			_, err := r.build(shell("true", p), root)
			if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), p[:4]) {
				t.Fatal(p, err)
			}
		}
		c := shell("true")
		c.WorkingDirectory = "link"
		if _, err := r.build(c, root); status.Code(err) != codes.InvalidArgument {
			t.Fatal(err)
		}
		if entries, _ := os.ReadDir(target); len(entries) != 0 {
			t.Fatal("something was made behind the symlink: ", entries)
		}
	})
}

func TestInputsCantBeChanged(t *testing.T) {
	script := "chmod u+w in d/f00001 2>/dev/null; echo evil >> in; for f in d/*/*; do echo evil > $f; done; cat in; mv in in2; rm -rf d"
	t.Run("WithOverlays", func(t *testing.T) {
		r := newRig(t, false)
		files := big(50, "d")
		files["in"] = "good"
		for range 4 { // private first, then cached trees
			got, err := r.run(shell(script+"; echo $f"), r.tree(files))
			if err != nil || !strings.HasPrefix(got.stdout, "goodevil") {
				t.Fatal(err, got)
			}
		}
		for _, content := range files {
			if r.content(r.put(content)) != content {
				t.Fatal("the store was changed")
			}
		}
		got, err := r.run(shell("cat in d/*/* | grep -c evil"), r.tree(files))
		if err != nil || got.stdout != "0\n" {
			t.Fatal(err, got)
		}
	})
	t.Run("WithHardLinks", func(t *testing.T) {
		r := newRig(t, true)
		root := r.tree(map[string]string{"in": "good", "other": "fine"})
		_, err := r.run(shell("chmod u+w in; echo evil >> in"), root)
		if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "inputs in:") {
			t.Fatal(err)
		}
		if r.store.Has(digest.Of([]byte("good"))) || !r.store.Has(digest.Of([]byte("fine"))) {
			t.Fatal("the wrong blob was kept or dropped")
		}
		r.put("good")
		if got, err := r.run(shell("touch in; rm other; cat in"), root); err != nil || got.stdout != "good" {
			t.Fatal(err, got)
		}
	})
}

func TestSharedTrees(t *testing.T) {
	r := newRig(t, false)
	files := big(500, "shared/x")
	action := func(n int, script string) (ran, error) {
		files["own"] = fmt.Sprint(n)
		return r.run(shell(script, "shared/x/d1/out"), r.tree(files))
	}
	trees := func() int {
		entries, err := os.ReadDir(filepath.Join(r.dir, "roots", "trees"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	const script = "find shared -type f | wc -l; cat own; echo hi > shared/x/d1/out; rm shared/x/d2/*"
	for i := range 4 {
		got, err := action(i, script)
		if err != nil || got.stdout != "500\n"+itoa(i) || len(got.OutputFiles) != 1 || got.stderr != "" {
			t.Fatal(i, err, got)
		}
		if want := min(i, 1); trees() != want {
			t.Fatalf("after action %d there are %d cached trees, not %d", i, trees(), want)
		}
	}
	t.Run("WhenAFileOfTheTreeIsDeleted", func(t *testing.T) {
		found, err := filepath.Glob(filepath.Join(r.dir, "roots", "trees", "*", "shared", "x", "d3", "*"))
		if err != nil || len(found) == 0 {
			t.Fatal(found, err)
		}
		if err := os.Remove(found[0]); err != nil {
			t.Fatal(err)
		}
		got, err := action(7, script)
		if err != nil || got.stdout != "500\n7" {
			t.Fatal(err, got)
		}
	})
	t.Run("WhenABlobOfTheTreeIsDeleted", func(t *testing.T) {
		d := digest.Of([]byte("content f00007"))
		blobs, err := filepath.Glob(filepath.Join(r.dir, "store", "cas", "*", d.Hex()+"*"))
		if err != nil || len(blobs) != 1 {
			t.Fatal(blobs, err)
		}
		if err := os.Remove(blobs[0]); err != nil {
			t.Fatal(err)
		}
		if got, err := action(8, script); err != nil || got.stdout != "500\n8" { // the tree still has it
			t.Fatal(err, got)
		}
		all, _ := filepath.Glob(filepath.Join(r.dir, "roots", "trees", "*"))
		for _, p := range all {
			os.RemoveAll(p)
		}
		_, err = r.build(shell("true"), r.tree(map[string]string{"own": "9"}))
		if err != nil {
			t.Fatal(err)
		}
		root := r.tree(files) // this stores it again
		if err := os.Remove(blobs[0]); err != nil {
			t.Fatal(err)
		}
		var gone *cas.MissingError
		if _, err = r.build(shell("true"), root); !errors.As(err, &gone) || !slices.Equal(gone.Digests, []digest.Digest{d}) {
			t.Fatal(err)
		}
		if got, err := action(10, script); err != nil || got.stdout != "500\n10" {
			t.Fatal(err, got)
		}
	})
	t.Run("WhenManyActionsWantItAtOnce", func(t *testing.T) {
		other := big(200, "other/y")
		root := r.tree(other)
		if _, err := r.build(shell("true"), root); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				got, err := r.run(shell("find . -type f | wc -l"), root)
				if err != nil || got.stdout != "200\n" {
					t.Error(err, got)
				}
			})
		}
		wg.Wait()
	})
}

func TestTheWholeRootIsShared(t *testing.T) {
	r := newRig(t, false)
	root := r.tree(big(100, "a"))
	for i := range 3 {
		got, err := r.run(shell("find . -type f | wc -l; echo x > a/o; echo y > o", "a/o", "o"), root)
		if err != nil || got.stdout != "100\n" || len(got.OutputFiles) != 2 {
			t.Fatal(i, err, got)
		}
	}
}

func TestReclaimingTrees(t *testing.T) {
	r := newRig(t, false)
	root := r.tree(big(100, "a"))
	var last *execroot.Root
	for range 2 {
		var err error
		if last, err = r.build(shell("true"), root); err != nil {
			t.Fatal(err)
		}
	}
	trees, ok := r.builder.Trees()
	if !ok {
		t.Fatal("there are no trees")
	}
	if _, ok := trees.Oldest(); ok {
		t.Fatal("a tree in use could be reclaimed")
	}
	last.Remove()
	if _, ok := trees.Oldest(); !ok {
		t.Fatal("an unused tree can't be reclaimed")
	}
	trees.ReclaimOldest()
	if _, ok := trees.Oldest(); ok {
		t.Fatal("it is still there")
	}
	if got, err := r.run(shell("find . -type f | wc -l"), root); err != nil || got.stdout != "100\n" {
		t.Fatal(err, got)
	}
}

func TestNewClearsWhatIsLeftOver(t *testing.T) {
	r := newRig(t, true)
	left := filepath.Join(r.dir, "again", "run", "7", "upper")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := execroot.New(execroot.Options{Store: r.store, Dir: filepath.Join(r.dir, "again")})
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	for _, sub := range []string{"run", "trash"} {
		if entries, err := os.ReadDir(filepath.Join(r.dir, "again", sub)); err != nil || len(entries) != 0 {
			t.Fatal(sub, entries, err)
		}
	}
}

func BenchmarkBuildSharedTree(b *testing.B) {
	r := newRig(b, false)
	files := big(3000, "src")
	roots := make([]digest.Digest, 8)
	for i := range roots {
		files["own"] = fmt.Sprint("own ", i)
		roots[i] = r.tree(files)
	}
	c := shell("true", "out/x")
	outputs, err := execroot.ParseOutputs(c)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		x, err := r.builder.Build(context.Background(), c, roots[i%len(roots)], outputs)
		if err != nil {
			b.Fatal(err)
		}
		x.Remove()
	}
}

func BenchmarkWholeAction(b *testing.B) {
	r := newRig(b, false)
	files := big(3000, "src")
	roots := make([]digest.Digest, 8)
	for i := range roots {
		files["own"] = fmt.Sprint("own ", i)
		roots[i] = r.tree(files)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := r.run(&repb.Command{Arguments: []string{"/bin/true"}, OutputPaths: []string{"out/x"}}, roots[i%len(roots)]); err != nil {
			b.Fatal(err)
		}
	}
}
