package cas

import (
	"crypto/sha256"
	"os"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Put stores bytes and returns their digest.
func (s *Store) Put(data []byte) (digest.Digest, error) {
	d := digest.Of(data)
	return d, s.put(d, data)
}

// PutAs stores bytes whose digest somebody claims; codes.InvalidArgument if it is another one.
func (s *Store) PutAs(d digest.Digest, data []byte) error {
	if err := checkSize(d, int64(len(data))); err != nil {
		return err
	}
	if err := checkHash(d, sha256.Sum256(data)); err != nil {
		return err
	}
	return s.put(d, data)
}

// put stores bytes that were checked.
func (s *Store) put(d digest.Digest, data []byte) error {
	if s.stored(d) {
		return nil
	}
	if err := s.admit(d); err != nil {
		return err
	}
	f, err := s.temporary(0o555)
	if err != nil {
		return s.DiskError("store a blob", err)
	}
	if _, err = f.Write(data); err == nil {
		err = s.finish(f, d)
	} else {
		f.Close()
	}
	if err != nil {
		os.Remove(f.Name())
		return s.DiskError("store a blob", err)
	}
	return nil
}

// admit refuses a blob that alone is larger than the store may be.
func (s *Store) admit(d digest.Digest) error {
	if onDisk(d.Size) > s.max {
		return status.Errorf(codes.ResourceExhausted, "blob %s is larger than the whole cache may be (%d bytes); give the cache a larger bound", d, s.max)
	}
	return nil
}

func checkSize(d digest.Digest, n int64) error {
	if n != d.Size {
		return status.Errorf(codes.InvalidArgument, "digest size_bytes: %d bytes were sent for %s", n, d)
	}
	return nil
}

func checkHash(d digest.Digest, sum [sha256.Size]byte) error {
	if sum != d.Hash {
		return status.Errorf(codes.InvalidArgument, "digest hash: the bytes sent for %s have the hash %x", d, sum)
	}
	return nil
}
