package server

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxWindow is the largest window that a compressed upload may ask for, since that much memory is taken for it. Compressors use 8 MiB
// at most unless they are told to use more.
const maxWindow = 32 << 20

// Decoders and encoders run in the goroutine that uses them, and are reused.
var (
	decoders = sync.Pool{New: func() any {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			panic(err) // the options are wrong
		}
		return d
	}}
	encoders = sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true),
			zstd.WithWindowSize(512<<10), zstd.WithZeroFrames(true))
		if err != nil {
			panic(err) // the options are wrong
		}
		return e
	}}
)

func takeDecoder(from io.Reader) (*zstd.Decoder, error) {
	d := decoders.Get().(*zstd.Decoder)
	return d, d.Reset(from)
}

func putDecoder(d *zstd.Decoder) {
	if d.Reset(nil) == nil { // lets go of the reader
		decoders.Put(d)
	}
}

func takeEncoder(to io.Writer) *zstd.Encoder {
	e := encoders.Get().(*zstd.Encoder)
	e.Reset(to)
	return e
}

func putEncoder(e *zstd.Encoder) {
	e.Reset(nil)
	encoders.Put(e)
}

// compress returns bytes compressed.
func compress(data []byte) []byte {
	e := takeEncoder(nil)
	defer putEncoder(e)
	return e.EncodeAll(data, make([]byte, 0, len(data)))
}

// decompress returns bytes that are size bytes when decompressed; more than that are never made.
func decompress(data []byte, size int64) ([]byte, error) {
	d, err := takeDecoder(bytes.NewReader(data))
	if err != nil {
		return nil, badZstd(err)
	}
	defer putDecoder(d)
	plain := make([]byte, size)
	n, err := io.ReadFull(d, plain)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if _, err := d.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			return nil, badZstd(err)
		}
		return nil, status.Errorf(codes.InvalidArgument, "digest size_bytes: the data is %d bytes decompressed, not %d", n, size)
	}
	if err != nil {
		return nil, badZstd(err)
	}
	switch n, err := io.ReadFull(d, make([]byte, 1)); {
	case n > 0:
		return nil, status.Errorf(codes.InvalidArgument, "digest size_bytes: the data is more than %d bytes decompressed", size)
	case !errors.Is(err, io.EOF):
		return nil, badZstd(err)
	}
	return plain, nil
}

func badZstd(err error) error {
	return status.Errorf(codes.InvalidArgument, "data: it can't be decompressed with zstd: %v", err)
}
