package cas

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// blobPath is where a blob's file is, or will be.
func (s *Store) blobPath(d digest.Digest) string { return path(s.dir, "/cas/", d) }

// plainPath is where the copy of a blob without executable bits is.
func (s *Store) plainPath(d digest.Digest) string { return path(s.dir, "/plain/", d) }

func path(dir, sub string, d digest.Digest) string {
	b := make([]byte, 0, 256)
	b = append(b, dir...)
	b = append(b, sub...)
	b = hex.AppendEncode(b, d.Hash[:1])
	b = append(b, '/')
	b = hex.AppendEncode(b, d.Hash[:])
	b = append(b, '-')
	b = strconv.AppendInt(b, d.Size, 10)
	return string(b)
}

// parseName is the digest in a file's name; false for names that no blob's file has.
func parseName(name string) (digest.Digest, bool) {
	hash, size, ok := strings.Cut(name, "-")
	if !ok {
		return digest.Digest{}, false
	}
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != size {
		return digest.Digest{}, false
	}
	d, err := digest.New(hash, n)
	return d, err == nil
}

// blockSize is what file systems commonly hand out: a blob of one byte takes this much of the disk.
const blockSize = 4096

// onDisk is the space that a file of that size takes.
func onDisk(size int64) int64 { return (size + blockSize - 1) &^ (blockSize - 1) }
