package cas

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Link makes path a file with a blob's bytes: a hard link, mode 0555 if executable and 0444 if not. Where no link can be made (another
// file system) it is a copy. *MissingError if the blob isn't there; an error that is fs.ErrExist if path is.
func (s *Store) Link(d digest.Digest, path string, executable bool) error {
	if err := s.find(d); err != nil {
		return err
	}
	from := s.blobPath(d)
	if !executable {
		from = s.plainPath(d)
	}
	err := os.Link(from, path)
	if errors.Is(err, fs.ErrNotExist) && !executable { // the first time
		if err = s.makePlain(d); err == nil {
			err = os.Link(from, path)
		}
	}
	if errors.Is(err, syscall.EMLINK) {
		if err = s.renew(d, from, modeOf(executable)); err == nil {
			err = os.Link(from, path)
		}
	}
	if errors.Is(err, syscall.EXDEV) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOTSUP) {
		err = s.copyOut(d, path, modeOf(executable))
	}
	if err == nil && !hasSize(path, d.Size) { // cut short, by a power cut or by hand
		os.Remove(path)
		os.Remove(from)
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) && s.dropIfGone(d) {
		return &MissingError{Digests: []digest.Digest{d}}
	}
	return s.DiskError(fmt.Sprintf("link blob %s", d), err)
}

func hasSize(path string, size int64) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Size() == size
}

func modeOf(executable bool) fs.FileMode {
	if executable {
		return 0o555
	}
	return 0o444
}

// makePlain makes the copy of a blob that is not executable.
func (s *Store) makePlain(d digest.Digest) error {
	lock := s.stripe(&d)
	lock.Lock()
	defer lock.Unlock()
	if info, err := os.Lstat(s.plainPath(d)); err == nil && info.Mode().IsRegular() && info.Size() == d.Size {
		return nil
	}
	if err := s.copyTo(d, s.plainPath(d), 0o444); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, e := s.present(&d); e != nil && !e.Plain {
		e.Plain = true
		s.bytes += onDisk(d.Size)
		s.wakeEviction()
	}
	return nil
}

// renew gives a blob's file a new inode: the old one has as many names as the file system allows.
func (s *Store) renew(d digest.Digest, file string, mode fs.FileMode) error {
	lock := s.stripe(&d)
	lock.Lock()
	defer lock.Unlock()
	return s.copyTo(d, file, mode)
}

// copyTo replaces a file of the store by a copy of a blob. The stripe's lock is held.
func (s *Store) copyTo(d digest.Digest, to string, mode fs.FileMode) error {
	f, err := s.temporary(mode)
	if err != nil {
		return err
	}
	err = s.copyBytes(d, f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = move(f.Name(), to)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// copyOut makes a copy of a blob outside of the store.
func (s *Store) copyOut(d digest.Digest, path string, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = s.copyBytes(d, f)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}

func (s *Store) copyBytes(d digest.Digest, to *os.File) error {
	from, err := os.Open(s.blobPath(d))
	if err != nil {
		return err
	}
	defer from.Close()
	if clone(to, from) == nil {
		return nil
	}
	n, err := io.Copy(to, from) // copy_file_range where there is such a thing
	if err == nil && n != d.Size {
		err = fmt.Errorf("its file has %d bytes: %w", n, fs.ErrNotExist)
	}
	return err
}
