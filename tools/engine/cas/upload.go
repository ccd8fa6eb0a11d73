package cas

import (
	"crypto/sha256"
	"hash"
	"os"
	"sync/atomic"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Upload is a blob on its way in. It must be ended with Commit or Abort, and used by one goroutine at a time (but for Size).
type Upload struct {
	store *Store
	want  digest.Digest
	file  *os.File // nil before the first byte and after the end
	hash  hash.Hash
	size  atomic.Int64
	err   error // why no more can be written
}

// Create begins the upload of a blob. codes.ResourceExhausted if the blob is larger than the store may be.
func (s *Store) Create(d digest.Digest) (*Upload, error) {
	if err := s.admit(d); err != nil {
		return nil, err
	}
	return &Upload{store: s, want: d, hash: sha256.New()}, nil
}

// Size is how many bytes were written so far.
func (u *Upload) Size() int64 { return u.size.Load() }

// Digest is the digest that the blob must turn out to have.
func (u *Upload) Digest() digest.Digest { return u.want }

// Write adds bytes. codes.InvalidArgument once they are more than the digest says; nothing is written then.
func (u *Upload) Write(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if int64(len(p)) > u.want.Size-u.Size() {
		u.err = status.Errorf(codes.InvalidArgument, "digest size_bytes: more than the %d bytes of %s were sent", u.want.Size, u.want)
		return 0, u.err
	}
	if u.file == nil {
		if u.file, u.err = u.store.temporary(0o555); u.err != nil {
			u.err = u.store.DiskError("store a blob", u.err)
			return 0, u.err
		}
	}
	n, err := u.file.Write(p)
	u.hash.Write(p[:n])
	u.size.Add(int64(n))
	if err != nil {
		u.err = u.store.DiskError("store a blob", err)
	}
	return n, u.err
}

// Commit makes the blob visible if its size and hash are right; codes.InvalidArgument if not. The upload is over either way.
func (u *Upload) Commit() error {
	defer u.Abort()
	if u.err != nil {
		return u.err
	}
	if err := checkSize(u.want, u.Size()); err != nil {
		return err
	}
	if err := checkHash(u.want, [sha256.Size]byte(u.hash.Sum(nil))); err != nil {
		return err
	}
	if u.file == nil { // nothing was written, and nothing is right
		return u.store.put(u.want, nil)
	}
	if u.store.stored(u.want) {
		return nil
	}
	f := u.file
	u.file = nil
	if err := u.store.finish(f, u.want); err != nil {
		os.Remove(f.Name())
		return u.store.DiskError("store a blob", err)
	}
	return nil
}

// Abort throws away what was written. It does nothing after Commit.
func (u *Upload) Abort() {
	if u.err == nil {
		u.err = status.Error(codes.Internal, "the upload has ended")
	}
	if u.file != nil {
		u.file.Close()
		os.Remove(u.file.Name())
		u.file = nil
	}
}
