package cas

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// buffers are for reading and copying files.
var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// Adopt stores a file that nobody else has open, and returns its digest. The file is moved where that is possible, so path may
// be gone afterwards. It must be a regular file; a symbolic link is refused.
func (s *Store) Adopt(path string) (digest.Digest, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return digest.Digest{}, fmt.Errorf("store an output: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return digest.Digest{}, fmt.Errorf("store an output: %w", err)
	}
	if !info.Mode().IsRegular() {
		return digest.Digest{}, fmt.Errorf("store an output: %s is not a regular file but %s", path, info.Mode().Type())
	}
	d, err := hashFile(f)
	if err != nil {
		return digest.Digest{}, fmt.Errorf("store the output %s: %w", path, err)
	}
	if s.stored(d) {
		return d, nil
	}
	if err := s.admit(d); err != nil {
		return d, err
	}
	// A file with a second name could be changed through that one later, so its bytes are copied.
	if links(info) == 1 {
		if err = s.take(f, path, d); err == nil {
			return d, nil
		}
		if !errors.Is(err, syscall.EXDEV) {
			return d, s.DiskError("store an output", err)
		}
	}
	return d, s.DiskError("store an output", s.copyIn(f, d))
}

// take moves a file in.
func (s *Store) take(f *os.File, path string, d digest.Digest) error {
	if err := f.Chmod(0o555); err != nil {
		return err
	}
	return s.publish(path, d)
}

// copyIn stores a copy of a file that was just hashed. Its bytes are hashed again, lest they changed meanwhile.
func (s *Store) copyIn(f *os.File, d digest.Digest) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	u, err := s.Create(d)
	if err != nil {
		return err
	}
	defer u.Abort()
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	if _, err := io.CopyBuffer(onlyWriter{u}, onlyReader{f}, *b); err != nil {
		return err
	}
	return u.Commit()
}

func hashFile(f *os.File) (digest.Digest, error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	h := sha256.New()
	n, err := io.CopyBuffer(onlyWriter{h}, onlyReader{f}, *b)
	if err != nil {
		return digest.Digest{}, err
	}
	d := digest.Digest{Size: n}
	h.Sum(d.Hash[:0])
	return d, nil
}

// onlyReader and onlyWriter hide the methods that make io.CopyBuffer use another buffer than the one given.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

func links(info os.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink)
	}
	return 2
}
