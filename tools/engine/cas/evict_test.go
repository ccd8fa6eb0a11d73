package cas_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
)

const block = 4096

// eventually waits for what happens in the background.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never happened that %s", what)
		}
	}
}

func within(s *cas.Store) func() bool {
	return func() bool { _, size, limit, _ := s.Stats(); return size <= limit }
}

// fill puts n blobs of one block each and returns their digests.
func fill(t testing.TB, s *cas.Store, name string, n int) []digest.Digest {
	ds := make([]digest.Digest, n)
	for i := range ds {
		ds[i] = put(t, s, fmt.Sprint(name, i))
	}
	return ds
}

func TestEviction(t *testing.T) {
	t.Run("WhenItIsFull", func(t *testing.T) {
		s := open(t, t.TempDir(), 100*block)
		old := fill(t, s, "old", 90)
		s.Missing(old[:10]) // used
		fill(t, s, "new", 20)
		eventually(t, "the store is within its bound", within(s))
		if m := s.Missing(old[:10]); len(m) != 0 {
			t.Fatalf("%d of the blobs just used are gone", len(m))
		}
		m := s.Missing(old)
		if len(m) == 0 || !slices.Equal(m, old[10:10+len(m)]) {
			t.Fatalf("%d are gone, and not the least recently used", len(m))
		}
		for _, d := range m {
			eventually(t, "the file of an evicted blob is gone", func() bool {
				_, err := os.Lstat(file(s, d))
				return os.IsNotExist(err)
			})
		}
		if _, _, _, evicted := s.Stats(); evicted < int64(len(m)) { // more, if eviction was not over yet
			t.Fatal(evicted, len(m))
		}
	})
	t.Run("WhenBlobsArePinned", func(t *testing.T) {
		s := open(t, t.TempDir(), 100*block)
		pinned := fill(t, s, "pinned", 50)
		if err := s.Pin(pinned); err != nil {
			t.Fatal(err)
		}
		if err := s.Pin(pinned[:1]); err != nil {
			t.Fatal(err)
		}
		fill(t, s, "other", 300)
		eventually(t, "the store is within its bound", within(s))
		if m := s.Missing(pinned); len(m) != 0 {
			t.Fatalf("%d pinned blobs are gone", len(m))
		}
		s.Unpin(pinned)
		fill(t, s, "another", 300)
		eventually(t, "the store is within its bound", within(s))
		if m := s.Missing(pinned); len(m) != 49 || slices.Contains(m, pinned[0]) {
			t.Fatalf("%d of 50 are gone", len(m))
		}
	})
	t.Run("WhenAllElseIsPinned", func(t *testing.T) {
		s := open(t, t.TempDir(), 10*block)
		pinned := fill(t, s, "pinned", 10)
		if err := s.Pin(pinned); err != nil {
			t.Fatal(err)
		}
		fill(t, s, "other", 30)
		eventually(t, "the store is within its bound", within(s))
		if m := s.Missing(pinned); len(m) != 0 {
			t.Fatalf("%d pinned blobs are gone", len(m))
		}
	})
	t.Run("WhenItIsPlainToo", func(t *testing.T) {
		s := open(t, t.TempDir(), 10*block)
		d := put(t, s, "plain")
		if err := s.Link(d, filepath.Join(t.TempDir(), "f"), false); err != nil {
			t.Fatal(err)
		}
		fill(t, s, "other", 20)
		eventually(t, "the store is within its bound", within(s))
		eventually(t, "both files are gone", func() bool {
			left, err := filepath.Glob(filepath.Join(s.Dir(), "plain", "*", "*"))
			return err == nil && len(left) == 0 && len(s.Missing([]digest.Digest{d})) == 1
		})
	})
	t.Run("WhenABlobIsLargerThanAll", func(t *testing.T) {
		s := open(t, t.TempDir(), 10*block)
		d := put(t, s, "stays")
		_, err := s.Create(digest.Digest{Size: 11 * block})
		hasCode(t, err, codes.ResourceExhausted)
		_, err = s.Put(make([]byte, 11*block))
		hasCode(t, err, codes.ResourceExhausted)
		if !s.Has(d) {
			t.Fatal("another blob had to go")
		}
	})
	t.Run("WhenTheOrderComesFromTheLastProcess", func(t *testing.T) {
		dir := t.TempDir()
		s, err := cas.Open(dir, cas.Options{MaxBytes: 100 * block})
		if err != nil {
			t.Fatal(err)
		}
		ds := fill(t, s, "x", 90)
		s.Missing(ds[:20])
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, 100*block)
		fill(t, s, "y", 15)
		eventually(t, "the store is within its bound", within(s))
		if m := s.Missing(ds); len(m) == 0 || !slices.Equal(m, ds[20:20+len(m)]) {
			t.Fatalf("%d are gone, and not the least recently used", len(m))
		}
	})
	t.Run("WhenManyWriteAndRead", func(t *testing.T) {
		s := open(t, t.TempDir(), 50*block)
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 300 {
					text := fmt.Sprint(i % 97)
					d, err := s.Put([]byte(text))
					if err != nil {
						t.Error(err)
					}
					if data, err := s.Read(d); err == nil && string(data) != text {
						t.Errorf("read %q for %q", data, text)
					}
					if s.Pin([]digest.Digest{d}) == nil {
						if data, err := s.Read(d); err != nil || string(data) != text {
							t.Errorf("pinned: %q, %v", data, err)
						}
						s.Unpin([]digest.Digest{d})
					}
					s.Has(digest.Of([]byte(fmt.Sprint(i + w))))
				}
			})
		}
		wg.Wait()
		eventually(t, "the store is within its bound", within(s))
		eventually(t, "the index and the disk agree", func() bool {
			files, err := filepath.Glob(filepath.Join(s.Dir(), "cas", "*", "*"))
			blobs, size, _, _ := s.Stats()
			return err == nil && int64(len(files)) == blobs && size == blobs*block
		})
		empty(t, s)
	})
}

// trees is a Reclaimer as package execroot has one.
type trees struct {
	mu    sync.Mutex
	store *cas.Store
	list  []tree // oldest first
}

type tree struct {
	used  int64
	blobs []digest.Digest
}

func (r *trees) Oldest() (int64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == 0 {
		return 0, false
	}
	return r.list[0].used, true
}

func (r *trees) ReclaimOldest() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store.Unpin(r.list[0].blobs)
	r.list = r.list[1:]
}

func TestReclaimer(t *testing.T) {
	s := open(t, t.TempDir(), 100*block)
	r := &trees{store: s}
	s.AddReclaimer(r)
	add := func(name string) []digest.Digest {
		ds := fill(t, s, name, 20)
		if err := s.Pin(ds); err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = append(r.list, tree{s.Now(), ds})
		return ds
	}
	oldBlobs := fill(t, s, "old", 5)
	oldTree := add("old tree")
	newTree := add("new tree")
	fill(t, s, "new", 62) // as many as make 12 go at most: the five, and some of the old tree
	eventually(t, "the store is within its bound", within(s))
	if m := s.Missing(oldBlobs); len(m) != 5 {
		t.Fatalf("%d of 5 blobs older than the trees went", len(m))
	}
	if m := s.Missing(oldTree); len(m) == 0 {
		t.Fatal("the old tree's blobs all stayed")
	}
	if m := s.Missing(newTree); len(m) != 0 {
		t.Fatal("the new tree went, before older blobs")
	}
}
