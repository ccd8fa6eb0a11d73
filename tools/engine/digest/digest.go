// Package digest names blobs the way the Remote Execution API does: by the SHA-256 of their bytes and their size.
package digest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Digest is the name of one blob. It is comparable, so it can be the key of a map, and takes 40 bytes.
type Digest struct {
	Hash [sha256.Size]byte
	Size int64 // in bytes, never negative
}

// Empty is the digest of no bytes, which every store has without being told (remote_execution.proto, Digest).
var Empty = Of(nil)

// Of returns the digest of data.
func Of(data []byte) Digest {
	return Digest{Hash: sha256.Sum256(data), Size: int64(len(data))}
}

// OfMessage returns a message's bytes as they are stored and their digest.
func OfMessage(m proto.Message) ([]byte, Digest, error) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, Digest{}, err
	}
	return data, Of(data), nil
}

// New makes a digest from the hexadecimal hash and the size that a client sent. Its errors carry
// codes.InvalidArgument and say what is wrong with which of the two.
func New(hash string, size int64) (Digest, error) {
	if len(hash) != hex.EncodedLen(sha256.Size) {
		return Digest{}, status.Errorf(codes.InvalidArgument, "digest hash %q has %d characters, a SHA-256 has %d", clip(hash), len(hash), hex.EncodedLen(sha256.Size))
	}
	d := Digest{Size: size}
	for _, c := range []byte(hash) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return Digest{}, status.Errorf(codes.InvalidArgument, "digest hash %q is not lower-case hexadecimal", hash)
		}
	}
	if _, err := hex.Decode(d.Hash[:], []byte(hash)); err != nil {
		return Digest{}, status.Errorf(codes.InvalidArgument, "digest hash %q: %v", hash, err)
	}
	if size < 0 {
		return Digest{}, status.Errorf(codes.InvalidArgument, "digest %s has the negative size %d", hash, size)
	}
	return d, nil
}

// FromProto checks a digest that a client sent. A missing one is an error; field names it in the message.
func FromProto(field string, p *repb.Digest) (Digest, error) {
	if p == nil {
		return Digest{}, status.Errorf(codes.InvalidArgument, "%s: no digest is given", field)
	}
	d, err := New(p.GetHash(), p.GetSizeBytes())
	if err != nil {
		return Digest{}, status.Errorf(codes.InvalidArgument, "%s: %s", field, status.Convert(err).Message())
	}
	return d, nil
}

// Parse reads the form that String writes.
func Parse(s string) (Digest, error) {
	hash, size, ok := strings.Cut(s, "/")
	n, err := strconv.ParseInt(size, 10, 64)
	if !ok || err != nil {
		return Digest{}, status.Errorf(codes.InvalidArgument, "%q is not of the form HASH/SIZE", clip(s))
	}
	return New(hash, n)
}

// Proto is the digest as the API sends it.
func (d Digest) Proto() *repb.Digest {
	return &repb.Digest{Hash: d.Hex(), SizeBytes: d.Size}
}

// Hex is the hash in lower-case hexadecimal.
func (d Digest) Hex() string { return hex.EncodeToString(d.Hash[:]) }

// String is HASH/SIZE, the form of the API's resource names.
func (d Digest) String() string { return fmt.Sprintf("%x/%d", d.Hash, d.Size) }

// Compare orders digests by hash, then by size.
func (d Digest) Compare(other Digest) int {
	if c := bytes.Compare(d.Hash[:], other.Hash[:]); c != 0 {
		return c
	}
	return int(min(max(d.Size-other.Size, -1), 1))
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
