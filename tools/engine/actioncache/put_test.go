package actioncache_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func TestPutRefuses(t *testing.T) {
	f := start(t, actioncache.Options{})
	d := f.blob("x")
	nowhere := digest.Of([]byte("nowhere")).Proto()
	file := func(path string) *repb.ActionResult {
		return &repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: path, Digest: d}}}
	}
	dir := func(path string, tree *repb.Digest) *repb.ActionResult {
		return &repb.ActionResult{OutputDirectories: []*repb.OutputDirectory{{Path: path, TreeDigest: tree}}}
	}
	link := func(path, target string) *repb.ActionResult {
		return &repb.ActionResult{OutputSymlinks: []*repb.OutputSymlink{{Path: path, Target: target}}}
	}
	childless := f.message(&repb.Tree{Root: &repb.Directory{Directories: []*repb.DirectoryNode{{Name: "c", Digest: d}}}})
	for name, c := range map[string]struct {
		result *repb.ActionResult
		want   codes.Code
		field  string
	}{
		"WhenThereIsNone":            {nil, codes.InvalidArgument, "action_result"},
		"WhenAPathIsAbsolute":        {file("/etc/passwd"), codes.InvalidArgument, "output_files[0].path"},
		"WhenAPathLeadsOut":          {file("a/../../x"), codes.InvalidArgument, "output_files[0].path"},
		"WhenAPathHasNUL":            {file("a\x00b"), codes.InvalidArgument, "output_files[0].path"},
		"WhenAPathIsEmpty":           {file(""), codes.InvalidArgument, "output_files[0].path"},
		"WhenAPathHasADot":           {file("a/./b"), codes.InvalidArgument, "output_files[0].path"},
		"WhenAPathEndsWithASlash":    {file("a/"), codes.InvalidArgument, "output_files[0].path"},
		"WhenAPathIsTwice":           {&repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: "a", Digest: d}, {Path: "a", Digest: d}}}, codes.InvalidArgument, "output_files[1].path"},
		"WhenAFileHasNoDigest":       {&repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: "a"}}}, codes.InvalidArgument, "output_files[0].digest"},
		"WhenAFileIsNowhere":         {&repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: "a", Digest: nowhere}}}, codes.FailedPrecondition, "output_files[0].digest"},
		"WhenAFolderLeadsOut":        {dir("..", f.message(&repb.Tree{})), codes.InvalidArgument, "output_directories[0].path"},
		"WhenAFolderHasNoDigest":     {dir("a", nil), codes.InvalidArgument, "output_directories[0].tree_digest"},
		"WhenATreeIsNowhere":         {dir("a", nowhere), codes.FailedPrecondition, "output_directories[0].tree_digest"},
		"WhenATreeIsNoTree":          {dir("a", f.blob("text")), codes.InvalidArgument, "output_directories[0].tree_digest"},
		"WhenATreeLacksAChild":       {dir("a", childless), codes.InvalidArgument, `"c"`},
		"WhenATreeIsTooLarge":        {dir("a", &repb.Digest{Hash: d.Hash, SizeBytes: 1 << 40}), codes.InvalidArgument, "too large"},
		"WhenALinkLeadsOut":          {link("../x", "y"), codes.InvalidArgument, "output_symlinks[0].path"},
		"WhenALinkHasNoTarget":       {link("x", ""), codes.InvalidArgument, "output_symlinks[0].target"},
		"WhenStdoutIsMalformed":      {&repb.ActionResult{StdoutDigest: &repb.Digest{Hash: "x"}}, codes.InvalidArgument, "stdout_digest"},
		"WhenStderrIsNowhere":        {&repb.ActionResult{StderrDigest: nowhere}, codes.FailedPrecondition, "stderr_digest"},
		"WhenStdoutIsOtherThanItsId": {&repb.ActionResult{StdoutRaw: []byte("y"), StdoutDigest: d}, codes.InvalidArgument, "stdout_raw"},
		"WhenContentsAreOthers":      {&repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: "a", Digest: d, Contents: []byte("y")}}}, codes.InvalidArgument, "output_files[0].contents"},
		"WhenTheRootIsAnother": {&repb.ActionResult{OutputDirectories: []*repb.OutputDirectory{{Path: "a", TreeDigest: f.message(&repb.Tree{}), RootDirectoryDigest: d}}},
			codes.InvalidArgument, "root_directory_digest"},
		"WhenTheRootIsNowhere": {&repb.ActionResult{OutputDirectories: []*repb.OutputDirectory{{Path: "a", RootDirectoryDigest: nowhere}}},
			codes.FailedPrecondition, "root_directory_digest"},
	} {
		t.Run(name, func(t *testing.T) {
			hasCode(t, f.put(c.result), c.want, c.field)
			if n := f.files(); len(n) != 0 {
				t.Fatal("it was stored", n)
			}
		})
	}
}

func TestPutInlined(t *testing.T) {
	f := start(t, actioncache.Options{})
	x := digest.Of([]byte("x")).Proto()
	r := &repb.ActionResult{StdoutRaw: []byte("out"), StderrRaw: []byte("err"), OutputFiles: []*repb.OutputFile{{Path: "a", Digest: x, Contents: []byte("x")}}}
	before := proto.Clone(r)
	if err := f.put(r); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(r, before) {
		t.Fatal("the caller's result was changed")
	}
	got, err := f.get()
	want := &repb.ActionResult{
		StdoutDigest: digest.Of([]byte("out")).Proto(), StderrDigest: digest.Of([]byte("err")).Proto(), OutputFiles: []*repb.OutputFile{{Path: "a", Digest: x}},
	}
	if err != nil || !proto.Equal(got, want) {
		t.Fatal(got, err)
	}
}

func TestPutUnusualEncoding(t *testing.T) {
	f := start(t, actioncache.Options{})
	// A child with its fields in another order than a Go encoder writes them: the digest is of these bytes.
	child := []byte{0x1a, 6, 0x12, 1, 't', 0x0a, 1, 'n'} // symlinks {target: "t" name: "n"}
	d := digest.Of(child)
	root, _, err := digest.OfMessage(&repb.Directory{Directories: []*repb.DirectoryNode{{Name: "c", Digest: d.Proto()}}})
	if err != nil {
		t.Fatal(err)
	}
	tree := append([]byte{0x0a, byte(len(root))}, root...)
	tree = append(append(tree, 0x12, byte(len(child))), child...)
	r := &repb.ActionResult{OutputDirectories: []*repb.OutputDirectory{{Path: "", TreeDigest: f.blob(string(tree))}}}
	if err := f.put(r); err != nil {
		t.Fatal(err)
	}
}

func TestPutOnFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("SKIPPED: mounting a small disk takes root on Linux")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: a small disk can't be mounted: %v: %s", err, out)
	}
	t.Cleanup(func() { syscall.Unmount(disk, 0) })
	store, err := cas.Open(disk, cas.Options{MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	cache, err := actioncache.Open(disk, store, actioncache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	os.WriteFile(ballast, make([]byte, 4<<20), 0o600)
	err = cache.Put(t.Context(), "", action, &repb.ActionResult{})
	hasCode(t, err, codes.ResourceExhausted, disk)
	_, err = cache.Get(t.Context(), "", action)
	hasCode(t, err, codes.NotFound, "")
	if left, _ := filepath.Glob(filepath.Join(disk, "ac", ".*")); len(left) != 0 {
		t.Fatal(left)
	}
	os.Remove(ballast)
	if err := cache.Put(t.Context(), "", action, &repb.ActionResult{ExitCode: 1}); err != nil {
		t.Fatal(err)
	}
	if r, err := cache.Get(t.Context(), "", action); err != nil || r.ExitCode != 1 {
		t.Fatal(r, err)
	}
}

func FuzzPut(f *testing.F) {
	x := start(f, actioncache.Options{})
	full, _ := x.full()
	data, err := proto.Marshal(full)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, []byte{0x0a, 0x00})
	f.Fuzz(func(t *testing.T, data, tree []byte) {
		r := new(repb.ActionResult)
		if proto.Unmarshal(data, r) != nil {
			return
		}
		d, err := x.store.Put(tree)
		if err != nil {
			t.Fatal(err)
		}
		r.OutputDirectories = append(r.OutputDirectories, &repb.OutputDirectory{Path: "tree", TreeDigest: d.Proto()})
		if x.put(r) != nil {
			return
		}
		if _, err := x.get(); err != nil {
			t.Fatalf("what was stored isn't there: %v", err)
		}
	})
}
