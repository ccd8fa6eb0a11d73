package actioncache_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// fixture is a cache with its blob store.
type fixture struct {
	testing.TB
	dir   string
	store *cas.Store
	cache *actioncache.Cache
}

var action = digest.Of([]byte("an action"))

func start(t testing.TB, o actioncache.Options) *fixture {
	t.Helper()
	f := &fixture{TB: t, dir: t.TempDir()}
	store, err := cas.Open(f.dir, cas.Options{MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	f.store = store
	f.reopen(o)
	return f
}

func (f *fixture) reopen(o actioncache.Options) {
	f.Helper()
	cache, err := actioncache.Open(f.dir, f.store, o)
	if err != nil {
		f.Fatal(err)
	}
	f.cache = cache
}

func (f *fixture) blob(data string) *repb.Digest {
	f.Helper()
	d, err := f.store.Put([]byte(data))
	if err != nil {
		f.Fatal(err)
	}
	return d.Proto()
}

func (f *fixture) message(m proto.Message) *repb.Digest {
	f.Helper()
	data, _, err := digest.OfMessage(m)
	if err != nil {
		f.Fatal(err)
	}
	return f.blob(string(data))
}

func (f *fixture) remove(p *repb.Digest) {
	f.Helper()
	if err := os.Remove(filepath.Join(f.dir, "cas", p.Hash[:2], fmt.Sprintf("%s-%d", p.Hash, p.SizeBytes))); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) put(r *repb.ActionResult) error {
	return f.cache.Put(context.Background(), "", action, r)
}

func (f *fixture) get() (*repb.ActionResult, error) {
	return f.cache.Get(context.Background(), "", action)
}

// files are the results on disk.
func (f *fixture) files() []string {
	f.Helper()
	names, err := filepath.Glob(filepath.Join(f.dir, "ac", "*", "*"))
	if err != nil {
		f.Fatal(err)
	}
	return names
}

func hasCode(t testing.TB, err error, want codes.Code, field string) {
	t.Helper()
	if status.Code(err) != want || err != nil && !strings.Contains(err.Error(), field) {
		t.Fatalf("got %v, want %v with %q", err, want, field)
	}
}

// full is a result with something in every field that names a blob, and the blobs that it names.
func (f *fixture) full() (*repb.ActionResult, map[string]*repb.Digest) {
	blobs := map[string]*repb.Digest{
		"file": f.blob("file"), "stdout": f.blob("stdout"), "stderr": f.blob("stderr"), "in root": f.blob("in root"), "in child": f.blob("in child"),
	}
	child := &repb.Directory{Files: []*repb.FileNode{{Name: "f", Digest: blobs["in child"]}}}
	_, childDigest, err := digest.OfMessage(child)
	if err != nil {
		f.Fatal(err)
	}
	root := &repb.Directory{
		Files:       []*repb.FileNode{{Name: "g", Digest: blobs["in root"]}, {Name: "nothing", Digest: digest.Empty.Proto()}},
		Directories: []*repb.DirectoryNode{{Name: "child", Digest: childDigest.Proto()}, {Name: "empty", Digest: digest.Empty.Proto()}},
		Symlinks:    []*repb.SymlinkNode{{Name: "l", Target: "g"}},
	}
	blobs["tree"] = f.message(&repb.Tree{Root: root, Children: []*repb.Directory{child}})
	blobs["child"], blobs["root"] = f.message(child), f.message(root)
	return &repb.ActionResult{
		OutputFiles:       []*repb.OutputFile{{Path: "out/file", Digest: blobs["file"], IsExecutable: true}, {Path: "out/empty", Digest: digest.Empty.Proto()}},
		OutputDirectories: []*repb.OutputDirectory{{Path: "out/dir", TreeDigest: blobs["tree"], RootDirectoryDigest: blobs["root"]}},
		OutputSymlinks:    []*repb.OutputSymlink{{Path: "out/link", Target: "../x"}, {Path: "out/abs", Target: "/bin/sh"}},
		//lint:ignore SA1019 what clients of API 2.0 read
		OutputFileSymlinks: []*repb.OutputSymlink{
			{Path: "out/link", Target: "../x"},
		},
		StdoutDigest:      blobs["stdout"],
		StderrDigest:      blobs["stderr"],
		ExitCode:          3,
		ExecutionMetadata: &repb.ExecutedActionMetadata{Worker: "w"},
	}, blobs
}

func TestGet(t *testing.T) {
	f := start(t, actioncache.Options{})
	_, err := f.get()
	hasCode(t, err, codes.NotFound, action.String())
	want, blobs := f.full()
	if err := f.put(want); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := f.get(); err != nil || !proto.Equal(got, want) {
			t.Fatal(got, err)
		}
		f.reopen(actioncache.Options{})
	}
	if hits, misses := f.cache.Stats(); hits != 0 || misses != 0 {
		t.Fatal(hits, misses)
	}
	_, err = f.cache.Get(t.Context(), "another/instance", action)
	hasCode(t, err, codes.NotFound, "")
	for name, d := range blobs {
		t.Run("WhenItLacks "+name, func(t *testing.T) {
			f.remove(d)
			_, err := f.get()
			hasCode(t, err, codes.NotFound, "")
			if n := f.files(); len(n) != 0 {
				t.Fatalf("the entry is still there: %v", n)
			}
			hasCode(t, f.put(want), codes.FailedPrecondition, "not in the cache")
			want, _ = f.full() // puts the blob back
			if err := f.put(want); err != nil {
				t.Fatal(err)
			}
		})
	}
	if hits, misses := f.cache.Stats(); hits != 0 || misses != 1+int64(len(blobs)) {
		t.Fatal(hits, misses)
	}
}

func TestInstances(t *testing.T) {
	f := start(t, actioncache.Options{})
	for i, instance := range []string{"", "a", "a/b"} {
		if err := f.cache.Put(t.Context(), instance, action, &repb.ActionResult{ExitCode: int32(i)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, instance := range []string{"", "a", "a/b"} {
		if r, err := f.cache.Get(t.Context(), instance, action); err != nil || r.ExitCode != int32(i) {
			t.Fatal(r, err)
		}
	}
}

func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(path string, data []byte) error{
		"WhenAFileIsEmpty":    func(p string, _ []byte) error { return os.WriteFile(p, nil, 0o644) },
		"WhenAFileIsCutShort": func(p string, b []byte) error { return os.WriteFile(p, b[:len(b)-1], 0o644) },
		"WhenABitIsFlipped": func(p string, b []byte) error {
			b[len(b)/2] ^= 4
			return os.WriteFile(p, b, 0o644)
		},
		"WhenItIsAFolder": func(p string, _ []byte) error { os.Remove(p); return os.MkdirAll(p+"/x", 0o755) },
		"WhenItIsDeleted": func(p string, _ []byte) error { return os.Remove(p) },
		"WhenAllIsDeleted": func(p string, _ []byte) error {
			return os.RemoveAll(filepath.Dir(filepath.Dir(p)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, actioncache.Options{})
			want, _ := f.full()
			if err := f.put(want); err != nil {
				t.Fatal(err)
			}
			path := f.files()[0]
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(path, data); err != nil {
				t.Fatal(err)
			}
			_, err = f.get()
			hasCode(t, err, codes.NotFound, "")
			if n := f.files(); len(n) != 0 {
				t.Fatal(n)
			}
			if err := f.put(want); err != nil {
				t.Fatal(err)
			}
			if got, err := f.get(); err != nil || !proto.Equal(got, want) {
				t.Fatal(got, err)
			}
		})
	}
}

func TestBound(t *testing.T) {
	f := start(t, actioncache.Options{MaxEntries: 10})
	put := func(i int) digest.Digest {
		a := digest.Of(fmt.Append(nil, i))
		if err := f.cache.Put(t.Context(), "", a, &repb.ActionResult{}); err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := put(0)
	for i := range 30 {
		put(1 + i)
		if _, err := f.cache.Get(t.Context(), "", first); err != nil {
			t.Fatalf("the result just used is gone after %d more", i)
		}
	}
	if n := f.files(); len(n) != 10 {
		t.Fatal(len(n))
	}
	if err := os.WriteFile(filepath.Join(f.dir, "ac", ".7"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f.reopen(actioncache.Options{MaxEntries: 5})
	if all, _ := filepath.Glob(filepath.Join(f.dir, "ac", ".*")); len(f.files()) != 5 || len(all) != 0 {
		t.Fatal(f.files(), all)
	}
}

func TestCanceled(t *testing.T) {
	f := start(t, actioncache.Options{})
	want, _ := f.full()
	if err := f.put(want); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.cache.Get(ctx, "", action)
	hasCode(t, err, codes.Canceled, "")
	if _, err := f.get(); err != nil {
		t.Fatal("the entry was dropped", err)
	}
}
