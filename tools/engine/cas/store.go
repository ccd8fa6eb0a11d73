// Package cas keeps blobs as files named by their digest: the content-addressable storage of the Remote Execution API.
//
// The folder of a store:
//
//	cas/<2 hex>/<hash>-<size>   the blobs, mode 0555: Bazel sends every input as executable, and hard links share the mode
//	plain/<2 hex>/<hash>-<size> copies with mode 0444, made for those who ask for a link that is not executable
//	tmp/                        what is being written; emptied by Open
//	recency                     the order of use, written by Close
//
// A blob becomes visible by one rename or link once all of its bytes were checked, so whatever is there under its name is
// right, whenever the process was killed. The size in the name lets a start get by with reading directories. What is there is
// answered from memory; whoever finds a file gone (somebody may delete any of them while the store runs) drops the blob,
// which then counts as missing.
//
// The store is bounded: once its files take more than the bound, the least recently used that nobody has pinned go, and so do
// things that other packages made of blobs (see Reclaimer).
package cas

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/bbf-build/bbf/tools/engine/cas/index"
	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Options of a store.
type Options struct {
	MaxBytes int64        // how much of the disk the files may take; 0: half of what is free and used by the store, 100 GiB at most
	Log      *slog.Logger // nil: slog.Default()
}

// Store is a content-addressable storage. Its methods may be called concurrently.
type Store struct {
	dir     string
	log     *slog.Logger
	compare rounds // of the index with the disk
	max     int64
	chmod   bool // the umask takes away bits that blobs need

	clock   atomic.Int64 // logical time: uses so far
	tmpName atomic.Int64

	// A writer of a blob's file (creating it or deleting it) holds the lock of its stripe from before the file changes until
	// the index says so too. Readers hold none of these. Taken before mu.
	stripes [64]sync.Mutex

	mu         sync.Mutex // guards what follows, and is never held while the disk is used
	ix         index.Index
	blobs      int64
	bytes      int64 // on disk, of blobs and their plain copies
	evicted    int64
	reclaimers []Reclaimer

	full    chan struct{} // has one element when there is something to evict
	quit    chan struct{}
	stopped sync.WaitGroup
	closing sync.Once
}

// Open opens the store in a folder, which is made if it isn't there. Only one process may have it open.
func Open(dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &Store{dir: dir, log: o.Log, max: o.MaxBytes, full: make(chan struct{}, 1), quit: make(chan struct{})}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.prepare(); err != nil {
		return nil, s.DiskError("open the store", err)
	}
	if err := s.scan(); err != nil {
		return nil, s.DiskError("open the store", err)
	}
	s.recall()
	if s.max <= 0 {
		s.max = sensible(s.dir, s.bytes)
	}
	s.stopped.Go(s.evictInBackground)
	s.mu.Lock()
	s.wakeEviction()
	s.mu.Unlock()
	return s, nil
}

// Close ends eviction and writes down the order of use. Nothing else may be called afterwards.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.quit)
		s.stopped.Wait()
		err = s.remember()
	})
	return err
}

// Dir is the store's folder, absolute.
func (s *Store) Dir() string { return s.dir }

// Now is the time on the store's logical clock, which counts uses of blobs.
func (s *Store) Now() int64 { return s.clock.Load() }

// Stats tells how many blobs there are, how many bytes of disk their files take (whole blocks), how many they may take, and how
// many blobs were evicted since Open.
func (s *Store) Stats() (blobs, bytes, maxBytes, evicted int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blobs, s.bytes, s.max, s.evicted
}

// prepare makes the folders, empties tmp and looks what the umask does.
func (s *Store) prepare() error {
	if err := os.RemoveAll(filepath.Join(s.dir, "tmp")); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	Spread(s.dir)
	for _, sub := range []string{"cas", "plain", "tmp"} {
		if err := os.MkdirAll(filepath.Join(s.dir, sub), 0o755); err != nil {
			return err
		}
	}
	Spread(filepath.Join(s.dir, "tmp"))
	f, err := s.temporary(0o555)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	s.chmod = info.Mode().Perm() != 0o555
	return nil
}

// present returns the entry of a blob that is there, and nil otherwise. mu is held.
func (s *Store) present(d *digest.Digest) (int32, *index.Entry) {
	i := s.ix.Find(&d.Hash)
	if i == 0 {
		return 0, nil
	}
	e := s.ix.At(i)
	if !e.Present || e.Size != d.Size {
		return 0, nil
	}
	return i, e
}

// touch notes the use of a blob and tells whether it is there. mu is held.
func (s *Store) touch(d *digest.Digest) bool {
	i, e := s.present(d)
	if e == nil {
		return false
	}
	e.Used = s.clock.Add(1)
	if e.Pins == 0 {
		s.ix.Newest(i)
	}
	return true
}

// use is touch for those who don't hold mu.
func (s *Store) use(d digest.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.touch(&d)
}

func (s *Store) stripe(d *digest.Digest) *sync.Mutex {
	return &s.stripes[int(d.Hash[0])%len(s.stripes)]
}
