package server

import "github.com/bbf-build/bbf/tools/engine/digest"

// For the fuzz targets.

func ParseRead(name string) (digest.Digest, bool, error) {
	r, err := parseRead(name)
	return r.digest, r.zstd, err
}

func ParseWrite(name string) (digest.Digest, bool, error) {
	r, err := parseWrite(name)
	return r.digest, r.zstd, err
}

// DecodeWrite decodes a WriteRequest as the server does.
func DecodeWrite(b []byte) (name string, offset int64, finish bool, data []byte, err error) {
	var f writeFrame
	err = f.parse(b)
	return f.name, f.offset, f.finish, f.data, err
}

// Decompress is what a batch request's compressed data goes through.
var Decompress = decompress
