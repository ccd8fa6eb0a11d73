package cas

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// tmpFolders is how many folders there are in tmp. A folder is locked while a file is made in it, and on ext4 they are spread over
// the disk: 50 uploads at once into a single one spent nine tenths of their time waiting there.
const tmpFolders = 16

// temporary makes a new file in tmp, open for writing though its mode may forbid that.
func (s *Store) temporary(mode fs.FileMode) (*os.File, error) {
	n := s.tmpName.Add(1)
	name := fmt.Sprintf("%s/tmp/%x/%d", s.dir, n%tmpFolders, n)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrNotExist) { // somebody deleted the folder
		if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		}
	}
	if err == nil && s.chmod {
		if err = f.Chmod(mode); err != nil {
			f.Close()
			os.Remove(name)
			return nil, err
		}
	}
	return f, err
}

// finish closes a file whose bytes are those of the digest and makes it the blob's file. On errors the file may still be in tmp.
func (s *Store) finish(f *os.File, d digest.Digest) error {
	if err := f.Close(); err != nil {
		return err
	}
	return s.publish(f.Name(), d)
}

// publish makes a file on the store's file system, with the right bytes and mode, the blob's file, and tells the index.
func (s *Store) publish(from string, d digest.Digest) error {
	behind, err := s.enter(from, d)
	if behind {
		s.shed()
	}
	return err
}

// enter is publish without eviction; it tells whether eviction lags far behind.
func (s *Store) enter(from string, d digest.Digest) (behind bool, err error) {
	lock := s.stripe(&d)
	lock.Lock()
	defer lock.Unlock()
	if err := move(from, s.blobPath(d)); err != nil {
		if _, gone := os.Lstat(from); errors.Is(gone, fs.ErrNotExist) {
			return false, status.Errorf(codes.Unavailable, "store blob %s: its temporary file was deleted by somebody; try again", d)
		}
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(&d)
	return s.wakeEviction(), nil
}

// move renames a file, making the folder it goes to if that isn't there.
func move(from, to string) error {
	err := os.Rename(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
			err = os.Rename(from, to)
		}
	}
	return err
}

// note enters a blob that is on disk into the index, as used now. mu is held.
func (s *Store) note(d *digest.Digest) {
	i := s.ix.Find(&d.Hash)
	if i == 0 {
		i = s.ix.Add(&d.Hash, d.Size)
	}
	e := s.ix.At(i)
	e.Used = s.clock.Add(1)
	if e.Pins == 0 {
		s.ix.Newest(i)
	}
	if e.Present {
		return
	}
	e.Present, e.Size = true, d.Size
	s.blobs++
	s.bytes += onDisk(d.Size)
}
