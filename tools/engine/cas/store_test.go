package cas_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// open opens a store for the time of a test.
func open(t testing.TB, dir string, maxBytes int64) *cas.Store {
	t.Helper()
	s, err := cas.Open(dir, cas.Options{MaxBytes: maxBytes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t testing.TB, s *cas.Store, data string) digest.Digest {
	t.Helper()
	d, err := s.Put([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// file is where the store keeps a blob.
func file(s *cas.Store, d digest.Digest) string {
	return filepath.Join(s.Dir(), "cas", d.Hex()[:2], fmt.Sprintf("%s-%d", d.Hex(), d.Size))
}

// isMissing fails unless err says that exactly these blobs are missing.
func isMissing(t testing.TB, err error, want ...digest.Digest) {
	t.Helper()
	var m *cas.MissingError
	if !errors.As(err, &m) || !slices.Equal(m.Digests, want) || status.Code(err) != codes.NotFound {
		t.Fatalf("got %v, want %v to be missing", err, want)
	}
}

func hasCode(t testing.TB, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Fatalf("got %v, want %v", err, want)
	}
}

// empty fails unless no temporary file is left over.
func empty(t testing.TB, s *cas.Store) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(s.Dir(), "tmp", "*", "*"))
	if err != nil || len(left) != 0 {
		t.Fatalf("tmp has %v, %v", left, err)
	}
}

func TestPut(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	d := put(t, s, "hello")
	if d != digest.Of([]byte("hello")) {
		t.Fatal(d)
	}
	put(t, s, "hello")
	if data, err := s.Read(d); err != nil || string(data) != "hello" {
		t.Fatalf("%q, %v", data, err)
	}
	info, err := os.Lstat(file(s, d))
	if err != nil || info.Mode() != 0o555 {
		t.Fatal(info.Mode(), err)
	}
	if blobs, size, _, _ := s.Stats(); blobs != 1 || size != 4096 {
		t.Fatal(blobs, size)
	}
	empty(t, s)
}

func TestPutAs(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	d := digest.Of([]byte("hello"))
	hasCode(t, s.PutAs(d, []byte("hellO")), codes.InvalidArgument)
	hasCode(t, s.PutAs(d, []byte("hell")), codes.InvalidArgument)
	if s.Has(d) {
		t.Fatal("wrong bytes were stored")
	}
	if err := s.PutAs(d, []byte("hello")); err != nil || !s.Has(d) {
		t.Fatal(err)
	}
}

func TestEmptyBlob(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	if m := s.Missing([]digest.Digest{digest.Empty}); len(m) != 0 || !s.Has(digest.Empty) {
		t.Fatal("it is missing")
	}
	if err := s.Pin([]digest.Digest{digest.Empty}); err != nil {
		t.Fatal(err)
	}
	s.Unpin([]digest.Digest{digest.Empty})
	if data, err := s.Read(digest.Empty); err != nil || len(data) != 0 {
		t.Fatal(data, err)
	}
	f, err := s.Open(digest.Empty)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, executable := range []bool{true, false} {
		if err := s.Link(digest.Empty, filepath.Join(t.TempDir(), "f"), executable); err != nil {
			t.Fatal(err)
		}
	}
	u, err := s.Create(digest.Empty)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestMissing(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	a, b := put(t, s, "a"), put(t, s, "b")
	x, y := digest.Of([]byte("x")), digest.Of([]byte("y"))
	otherSize := digest.Digest{Hash: a.Hash, Size: 2}
	got := s.Missing([]digest.Digest{y, a, x, y, b, digest.Empty, otherSize, x})
	if want := []digest.Digest{y, x, otherSize}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	var many []digest.Digest
	for i := range 5000 {
		many = append(many, digest.Of(fmt.Append(nil, i)), a)
	}
	if got := s.Missing(many); len(got) != 5000 || got[4999] != many[9998] {
		t.Fatal(len(got))
	}
}

func TestUpload(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 100_000)
	d := digest.Of(data)
	for name, c := range map[string]struct {
		data []byte
		want codes.Code
	}{
		"WhenTheBytesAreRight": {data, codes.OK},
		"WhenOneIsMissing":     {data[1:], codes.InvalidArgument},
		"WhenOneIsTooMany":     {append(data[:len(data):len(data)], 'x'), codes.InvalidArgument},
		"WhenOneIsWrong":       {append(data[:len(data)-1:len(data)-1], 'x'), codes.InvalidArgument},
		"WhenThereAreNone":     {nil, codes.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir(), 1<<30)
			u, err := s.Create(d)
			if err != nil {
				t.Fatal(err)
			}
			for part := range slices.Chunk(c.data, 65_537) {
				if _, err = u.Write(part); err != nil {
					break
				}
			}
			if err == nil {
				err = u.Commit()
			}
			u.Abort()
			hasCode(t, err, c.want)
			if s.Has(d) != (c.want == codes.OK) {
				t.Fatal("the store says otherwise")
			}
			if _, err := u.Write([]byte("x")); err == nil {
				t.Fatal("the upload goes on after its end")
			}
			empty(t, s)
		})
	}
}

func TestConcurrentUploads(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	data := bytes.Repeat([]byte("x"), 1<<20)
	d := digest.Of(data)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			u, err := s.Create(d)
			if err == nil {
				u.Write(data)
				err = u.Commit()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if blobs, size, _, _ := s.Stats(); blobs != 1 || size != 1<<20 {
		t.Fatal(blobs, size)
	}
	if got, err := s.Read(d); err != nil || !bytes.Equal(got, data) {
		t.Fatal(err)
	}
	empty(t, s)
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s, err := cas.Open(dir, cas.Options{MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	d := put(t, s, "stays")
	if err := s.Link(d, filepath.Join(t.TempDir(), "f"), false); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// What a killed process may leave, and what was never ours.
	for _, name := range []string{"tmp/17", "cas/zz/nothing", "cas/stray", "cas/" + d.Hex()[:2] + "/" + d.Hex(), "plain/aa/x"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir, 1<<30)
	if !s.Has(d) {
		t.Fatal("the blob is gone")
	}
	if blobs, size, _, _ := s.Stats(); blobs != 1 || size != 2*4096 {
		t.Fatal(blobs, size)
	}
	empty(t, s)
}

func TestDeletedFiles(t *testing.T) {
	for name, c := range map[string]struct {
		use func(*testing.T, *cas.Store, digest.Digest) error
	}{
		"WhenOpened":   {func(_ *testing.T, s *cas.Store, d digest.Digest) error { _, err := s.Open(d); return err }},
		"WhenRead":     {func(_ *testing.T, s *cas.Store, d digest.Digest) error { _, err := s.Read(d); return err }},
		"WhenLinked":   {func(t *testing.T, s *cas.Store, d digest.Digest) error { return s.Link(d, t.TempDir()+"/f", true) }},
		"WhenCopied":   {func(t *testing.T, s *cas.Store, d digest.Digest) error { return s.Link(d, t.TempDir()+"/f", false) }},
		"WhenAskedFor": {func(_ *testing.T, s *cas.Store, d digest.Digest) error { s.Has(d); return s.Pin([]digest.Digest{d}) }},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir(), 1<<30)
			d := put(t, s, "x")
			if err := os.RemoveAll(filepath.Join(s.Dir(), "cas")); err != nil {
				t.Fatal(err)
			}
			isMissing(t, c.use(t, s, d), d)
			if m := s.Missing([]digest.Digest{d}); len(m) != 1 {
				t.Fatal("the index still has it")
			}
			if blobs, size, _, _ := s.Stats(); blobs != 0 || size != 0 {
				t.Fatal(blobs, size)
			}
			if err := os.RemoveAll(filepath.Join(s.Dir(), "tmp")); err != nil {
				t.Fatal(err)
			}
			put(t, s, "x")
			if !s.Has(d) {
				t.Fatal("it can't be stored again")
			}
		})
	}
	t.Run("WhenCutShort", func(t *testing.T) {
		s := open(t, t.TempDir(), 1<<30)
		d := put(t, s, "long")
		if err := os.Truncate(file(s, d), 2); err != nil {
			t.Fatal(err)
		}
		_, err := s.Read(d)
		isMissing(t, err, d)
		put(t, s, "long")
		if data, err := s.Read(d); err != nil || string(data) != "long" {
			t.Fatal(data, err)
		}
	})
	t.Run("WhenPutAgainUnnoticed", func(t *testing.T) {
		s := open(t, t.TempDir(), 1<<30)
		d := put(t, s, "x")
		os.Remove(file(s, d))
		put(t, s, "x")
		if data, err := s.Read(d); err != nil || string(data) != "x" {
			t.Fatal(data, err)
		}
	})
	t.Run("WhenPinned", func(t *testing.T) {
		s := open(t, t.TempDir(), 1<<30)
		d := put(t, s, "x")
		if err := s.Pin([]digest.Digest{d}); err != nil {
			t.Fatal(err)
		}
		os.Remove(file(s, d))
		if s.Has(d) {
			t.Fatal("it is there")
		}
		put(t, s, "x") // while the pin stands
		if err := s.Pin([]digest.Digest{d}); err != nil {
			t.Fatal(err)
		}
		s.Unpin([]digest.Digest{d})
		s.Unpin([]digest.Digest{d})
		s.Unpin([]digest.Digest{d}) // one too many does no harm
		if !s.Has(d) {
			t.Fatal("it is gone")
		}
	})
}

func TestLink(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	d := put(t, s, "x")
	dir := t.TempDir()
	for _, c := range []struct {
		name       string
		executable bool
		mode       fs.FileMode
	}{{"exe", true, 0o555}, {"plain", false, 0o444}, {"plain again", false, 0o444}} {
		path := filepath.Join(dir, c.name)
		if err := s.Link(d, path, c.executable); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != c.mode {
			t.Fatalf("%s: %v, %v", c.name, info.Mode(), err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "x" {
			t.Fatal(data, err)
		}
		if err := s.Link(d, path, c.executable); !errors.Is(err, fs.ErrExist) {
			t.Fatalf("over a file: %v", err)
		}
		if err := s.Link(d, filepath.Join(dir, "no", "folder"), c.executable); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("without a folder: %v", err)
		}
		if !s.Has(d) {
			t.Fatal("the blob was dropped")
		}
	}
	if _, size, _, _ := s.Stats(); size != 2*4096 {
		t.Fatal(size)
	}
	isMissing(t, s.Link(digest.Of([]byte("y")), filepath.Join(dir, "y"), true), digest.Of([]byte("y")))
}

func TestAdopt(t *testing.T) {
	s := open(t, t.TempDir(), 1<<30)
	dir := t.TempDir()
	write := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	adopt := func(t *testing.T, path, data string) {
		t.Helper()
		d, err := s.Adopt(path)
		if err != nil || d != digest.Of([]byte(data)) {
			t.Fatal(d, err)
		}
		if got, err := s.Read(d); err != nil || string(got) != data {
			t.Fatal(got, err)
		}
		if info, err := os.Lstat(file(s, d)); err != nil || info.Mode() != 0o555 {
			t.Fatal(info.Mode(), err)
		}
	}
	t.Run("WhenItIsNew", func(t *testing.T) { adopt(t, write("a", "new"), "new") })
	t.Run("WhenItIsThere", func(t *testing.T) { adopt(t, write("b", "new"), "new") })
	t.Run("WhenItIsEmpty", func(t *testing.T) { adopt(t, write("c", ""), "") })
	t.Run("WhenItHasTwoNames", func(t *testing.T) {
		path := write("d", "two")
		if err := os.Link(path, filepath.Join(dir, "e")); err != nil {
			t.Fatal(err)
		}
		adopt(t, path, "two")
		write("e", "TWO") // through the other name
		if got, err := s.Read(digest.Of([]byte("two"))); err != nil || string(got) != "two" {
			t.Fatalf("%q, %v", got, err)
		}
	})
	t.Run("WhenItIsOnAnotherFileSystem", func(t *testing.T) {
		other := otherFileSystem(t, s.Dir())
		path := filepath.Join(other, "f")
		if err := os.WriteFile(path, []byte("far"), 0o600); err != nil {
			t.Fatal(err)
		}
		adopt(t, path, "far")
		far := filepath.Join(other, "linked")
		if err := s.Link(digest.Of([]byte("far")), far, true); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(far); err != nil || string(got) != "far" {
			t.Fatal(got, err)
		}
	})
	t.Run("WhenItIsASymlink", func(t *testing.T) {
		link := filepath.Join(dir, "link")
		if err := os.Symlink("/etc/passwd", link); err != nil {
			t.Fatal(err)
		}
		if d, err := s.Adopt(link); err == nil {
			t.Fatalf("it was followed: %v", d)
		}
	})
	t.Run("WhenItIsAFolder", func(t *testing.T) {
		if d, err := s.Adopt(dir); err == nil {
			t.Fatal(d)
		}
	})
	empty(t, s)
}
