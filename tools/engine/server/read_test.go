package server_test

import (
	"bytes"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
)

func TestRead(t *testing.T) {
	k := start(t, 1<<30)
	data := append(random(2<<20), prose(1<<20)...)
	d := k.put(data)
	size := d.Size
	absent := digest.Of([]byte("absent"))
	for name, c := range map[string]struct {
		name          string
		offset, limit int64
		want          []byte
		code          codes.Code
		field         string
	}{
		"WhenAllIsWanted":          {"blobs/" + d.String(), 0, 0, data, codes.OK, ""},
		"WhenThereIsAnInstance":    {"a/b/c/blobs/" + d.String(), 0, 0, data, codes.OK, ""},
		"WhenTheFunctionIsNamed":   {"blobs/sha256/" + d.String(), 0, 0, data, codes.OK, ""},
		"WhenTheEndIsWanted":       {"blobs/" + d.String(), size - 10, 0, data[size-10:], codes.OK, ""},
		"WhenTheBeginningIsWanted": {"blobs/" + d.String(), 0, 10, data[:10], codes.OK, ""},
		"WhenTheMiddleIsWanted":    {"blobs/" + d.String(), 1 << 20, 1<<20 + 1, data[1<<20 : 2<<20+1], codes.OK, ""},
		"WhenTheLimitIsTooLarge":   {"blobs/" + d.String(), size - 10, 1000, data[size-10:], codes.OK, ""},
		"WhenTheOffsetIsTheSize":   {"blobs/" + d.String(), size, 0, nil, codes.OK, ""},
		"WhenItIsEmpty":            {"blobs/" + digest.Empty.String(), 0, 0, nil, codes.OK, ""},
		"WhenTheOffsetIsTooLarge":  {"blobs/" + d.String(), size + 1, 0, nil, codes.OutOfRange, "read_offset"},
		"WhenTheOffsetIsNegative":  {"blobs/" + d.String(), -1, 0, nil, codes.OutOfRange, "read_offset"},
		"WhenTheLimitIsNegative":   {"blobs/" + d.String(), 0, -1, nil, codes.InvalidArgument, "read_limit"},
		"WhenItIsAbsent":           {"blobs/" + absent.String(), 0, 0, nil, codes.NotFound, absent.String()},
		"WhenTheSizeIsWrong":       {"blobs/" + digest.Digest{Hash: d.Hash, Size: size - 1}.String(), 0, 0, nil, codes.NotFound, d.Hex()},
		"WhenSomethingFollows":     {"blobs/" + d.String() + "/x", 0, 0, nil, codes.InvalidArgument, "resource_name"},
		"WhenThereIsNoName":        {"", 0, 0, nil, codes.InvalidArgument, "resource_name"},
		"WhenItIsAnUpload":         {upload(d), 0, 0, nil, codes.InvalidArgument, "resource_name"},
		"WhenThereIsALimitOnZstd":  {"compressed-blobs/zstd/" + d.String(), 0, 5, nil, codes.InvalidArgument, "read_limit"},
		"WhenZstdStartsTooFar":     {"compressed-blobs/zstd/" + d.String(), size + 1, 0, nil, codes.OutOfRange, "read_offset"},
		"WhenTheCompressorIsnt":    {"compressed-blobs/brotli/" + d.String(), 0, 0, nil, codes.InvalidArgument, "brotli"},
	} {
		t.Run(name, func(t *testing.T) {
			k := *k
			k.TB = t
			got, err := k.read(c.name, c.offset, c.limit)
			if c.code != codes.OK {
				k.refused(err, c.code, c.field)
				return
			}
			if err != nil || !bytes.Equal(got, c.want) {
				t.Fatalf("%d bytes of %d, %v", len(got), len(c.want), err)
			}
		})
	}
	for name, offset := range map[string]int64{"All": 0, "Part": 1<<20 + 5, "Nothing": size} {
		t.Run("WhenItIsCompressed"+name, func(t *testing.T) {
			got, err := k.read("x/compressed-blobs/zstd/"+d.String(), offset, 0)
			if err != nil || !bytes.Equal(unsqueeze(t, got), data[offset:]) {
				t.Fatal(len(got), err)
			}
		})
	}
	t.Run("WhenItsFileWasDeleted", func(t *testing.T) {
		gone := k.put([]byte("gone"))
		k.deleteFile(gone)
		_, err := k.read("blobs/"+gone.String(), 0, 0)
		k.refused(err, codes.NotFound, gone.String())
	})
}
