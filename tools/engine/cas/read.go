package cas

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Has tells whether a blob is there, and looks at its file to be sure. The blob counts as used.
func (s *Store) Has(d digest.Digest) bool { return d == digest.Empty || s.stored(d) }

// stored is Has without the exception for the empty blob.
func (s *Store) stored(d digest.Digest) bool {
	if !s.use(d) {
		return false
	}
	info, err := os.Lstat(s.blobPath(d))
	if err == nil && info.Mode().IsRegular() && info.Size() == d.Size {
		return true
	}
	return !s.dropIfGone(d)
}

// Open opens a blob for reading; *MissingError if it isn't there. The blob may be evicted while the file is open: what was opened
// stays readable.
func (s *Store) Open(d digest.Digest) (*os.File, error) {
	if err := s.find(d); err != nil {
		return nil, err
	}
	f, err := os.Open(s.blobPath(d))
	if err == nil {
		var info fs.FileInfo
		if info, err = f.Stat(); err == nil && info.Size() == d.Size {
			return f, nil
		}
		f.Close()
	}
	if s.dropIfGone(d) {
		return nil, &MissingError{Digests: []digest.Digest{d}}
	}
	if err == nil { // it was replaced by a right one meanwhile
		return os.Open(s.blobPath(d))
	}
	return nil, fmt.Errorf("open blob %s: %w", d, err)
}

// Read returns a blob's bytes; *MissingError if it isn't there. It takes as much memory as the blob is long.
func (s *Store) Read(d digest.Digest) ([]byte, error) {
	if d == digest.Empty {
		return nil, nil
	}
	f, err := s.Open(d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, d.Size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("read blob %s: %w", d, err)
	}
	return data, nil
}

// find notes the use of a blob that the index has. The empty blob is made if need be.
func (s *Store) find(d digest.Digest) error {
	if s.use(d) {
		return nil
	}
	if d == digest.Empty {
		return s.put(d, nil)
	}
	return &MissingError{Digests: []digest.Digest{d}}
}

// dropIfGone takes a blob out of the index if its file is not there or no longer what was written, and tells whether it is out. Where one
// file was deleted others were too, so the index is then compared with the disk before anybody is told.
func (s *Store) dropIfGone(d digest.Digest) bool {
	out, dropped := s.dropOne(d)
	if dropped {
		s.compare.run(s.dropAllGone)
	}
	return out
}

// dropOne is dropIfGone for this blob alone. It also tells whether the index had it until now.
func (s *Store) dropOne(d digest.Digest) (out, dropped bool) {
	lock := s.stripe(&d)
	lock.Lock()
	defer lock.Unlock()
	info, err := os.Lstat(s.blobPath(d))
	switch {
	case err == nil && info.Mode().IsRegular() && info.Size() == d.Size:
		return false, false
	case err == nil: // cut short, or something else stands there
		os.RemoveAll(s.blobPath(d))
	case !errors.Is(err, fs.ErrNotExist) && !isNotDir(err):
		return false, false // it can't be looked at: an error for whoever needs it, but nothing is known to be gone
	}
	s.mu.Lock()
	gone := s.drop(&d)
	s.mu.Unlock()
	if gone {
		os.Remove(s.plainPath(d))
		s.log.Warn("a blob's file is gone or damaged, the blob counts as missing from now on", "digest", d.String())
	}
	return true, gone
}

// drop takes a blob out of the index; its pins stay until they are undone. It tells whether the blob was there. The stripe's lock
// and mu are held.
func (s *Store) drop(d *digest.Digest) bool {
	i, e := s.present(d)
	if e == nil {
		return false
	}
	s.blobs--
	s.bytes -= onDisk(e.Size)
	if e.Plain {
		s.bytes -= onDisk(e.Size)
	}
	if e.Pins > 0 {
		e.Present, e.Plain = false, false
		return true
	}
	s.ix.Delete(i)
	return true
}
