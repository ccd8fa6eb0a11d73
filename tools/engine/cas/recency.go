package cas

import (
	"bufio"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/bbf-build/bbf/tools/engine/cas/index"
)

// remember writes the hashes of all blobs into a file, the least recently used first.
func (s *Store) remember() error {
	type use struct {
		hash [32]byte
		at   int64
	}
	s.mu.Lock()
	uses := make([]use, 0, s.ix.Len())
	s.ix.All(func(_ int32, e *index.Entry) bool {
		if e.Present {
			uses = append(uses, use{e.Hash, e.Used})
		}
		return true
	})
	s.mu.Unlock()
	slices.SortFunc(uses, func(a, b use) int { return cmp.Compare(a.at, b.at) })

	f, err := s.temporary(0o644)
	if err != nil {
		return s.DiskError("remember the order of use", err)
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	for i := range uses {
		w.Write(uses[i].hash[:]) // Flush returns the first error
	}
	err = w.Flush()
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), s.recencyPath())
	}
	return s.DiskError("remember the order of use", err)
}

// recall puts the index into the order that remember wrote. What isn't in the file came after it was written (the last
// process was killed), so it counts as used later. Without a file the order is arbitrary.
func (s *Store) recall() {
	f, err := os.Open(s.recencyPath())
	if err != nil {
		return
	}
	defer f.Close()
	known := s.clock.Load() // all entries were used between 1 and this
	r := bufio.NewReader(f)
	var hash [32]byte
	listed := 0
	for {
		if _, err := io.ReadFull(r, hash[:]); err != nil {
			break
		}
		if i := s.ix.Find(&hash); i != 0 && s.ix.At(i).Used <= known {
			s.ix.At(i).Used = s.clock.Add(1)
			s.ix.Newest(i)
			listed++
		}
	}
	if listed == s.ix.Len() {
		return
	}
	s.ix.All(func(i int32, e *index.Entry) bool {
		if e.Used <= known {
			e.Used = s.clock.Add(1)
			s.ix.Newest(i)
		}
		return true
	})
}

func (s *Store) recencyPath() string { return filepath.Join(s.dir, "recency") }
