package cas

import "github.com/bbf-build/bbf/tools/engine/digest"

// Pin keeps blobs from being evicted until Unpin is called with the same digests. Pins are counted. If any blob is missing nothing is
// pinned, and the *MissingError names all that are.
func (s *Store) Pin(ds []digest.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing []digest.Digest
	for n := range ds {
		if ds[n] == digest.Empty {
			continue // made when somebody needs it
		}
		i, e := s.present(&ds[n])
		if e == nil {
			missing = append(missing, ds[n])
			continue
		}
		e.Used = s.clock.Add(1)
		e.Pins++
		s.ix.Unlist(i)
	}
	if missing == nil {
		return nil
	}
	for n := range ds {
		if _, e := s.present(&ds[n]); e != nil && ds[n] != digest.Empty {
			s.unpin(&ds[n])
		}
	}
	return &MissingError{Digests: unique(missing)}
}

// Unpin undoes one Pin of the same blobs. A blob that was not used for long is among the first that may be evicted then.
func (s *Store) Unpin(ds []digest.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range ds {
		s.unpin(&ds[n])
	}
	s.wakeEviction()
}

// unpin takes one pin from a blob. mu is held.
func (s *Store) unpin(d *digest.Digest) {
	i := s.ix.Find(&d.Hash)
	if i == 0 || s.ix.At(i).Size != d.Size || s.ix.At(i).Pins == 0 {
		return
	}
	e := s.ix.At(i)
	if e.Pins--; e.Pins > 0 {
		return
	}
	if !e.Present {
		s.ix.Delete(i)
		return
	}
	s.ix.Relist(i, s.clock.Load())
}
