package cas

import (
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/bbf-build/bbf/tools/engine/cas/index"
	"github.com/bbf-build/bbf/tools/engine/digest"
)

// rounds runs something for all who ask for it at about the same time.
type rounds struct {
	begun atomic.Int64
	mu    sync.Mutex
}

// run returns after a run that began after the call; those who come while one is under way share the next.
func (r *rounds) run(f func()) {
	asked := r.begun.Load()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun.Load() > asked {
		return
	}
	r.begun.Add(1)
	f()
}

// dropAllGone takes every blob out of the index whose file is not there. It reads folders, and looks at those files only that
// are not in them.
func (s *Store) dropAllGone() {
	s.mu.Lock()
	have := map[string][]digest.Digest{} // by the name of the folder
	s.ix.All(func(_ int32, e *index.Entry) bool {
		if e.Present {
			d := digest.Digest{Hash: e.Hash, Size: e.Size}
			folder := filepath.Dir(s.blobPath(d))
			have[folder] = append(have[folder], d)
		}
		return true
	})
	s.mu.Unlock()
	for folder, ds := range have {
		there := map[digest.Digest]bool{}
		names, _ := readNames(folder) // where it can't be read, each file is looked at
		for _, name := range names {
			if d, ok := parseName(name); ok {
				there[d] = true
			}
		}
		for _, d := range ds {
			if !there[d] {
				s.dropOne(d)
			}
		}
	}
}
