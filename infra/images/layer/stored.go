package layer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

// level of the compression: most of what is in our layers is compressed already.
const level = 6

// store compresses what write writes.
func store(folder string, mediaType types.MediaType, write func(io.Writer) error) (l v1.Layer, err error) {
	f, err := os.CreateTemp(folder, "layer-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	compressed, plain := sha256.New(), sha256.New()
	z, err := gzip.NewWriterLevel(io.MultiWriter(f, compressed), level) // no name and no time in its header
	if err != nil {
		return nil, err
	}
	if err := write(io.MultiWriter(z, plain)); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	hash := func(sum []byte) v1.Hash { return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum)} }
	return &stored{f.Name(), hash(compressed.Sum(nil)), hash(plain.Sum(nil)), info.Size(), mediaType}, nil
}

// stored is a layer in a file.
type stored struct {
	path           string
	digest, diffID v1.Hash
	size           int64
	mediaType      types.MediaType
}

func (s *stored) Digest() (v1.Hash, error)            { return s.digest, nil }
func (s *stored) DiffID() (v1.Hash, error)            { return s.diffID, nil }
func (s *stored) Size() (int64, error)                { return s.size, nil }
func (s *stored) MediaType() (types.MediaType, error) { return s.mediaType, nil }
func (s *stored) Compressed() (io.ReadCloser, error)  { return os.Open(s.path) }
func (s *stored) Uncompressed() (io.ReadCloser, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &unzipped{z, f}, nil
}

// unzipped closes the file too.
type unzipped struct {
	io.Reader
	io.Closer
}
