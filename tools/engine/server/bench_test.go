package server_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	bspb "google.golang.org/genproto/googleapis/bytestream"
)

func BenchmarkFindMissing(b *testing.B) {
	k := start(b, 64<<30)
	var ds []*repb.Digest
	for i := range 10_000 {
		ds = append(ds, k.put(fmt.Append(nil, i)).Proto())
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := k.blobs.FindMissingBlobs(b.Context(), &repb.FindMissingBlobsRequest{BlobDigests: ds}); err != nil || len(r.MissingBlobDigests) != 0 {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []int{1000, 64 << 20} {
		for _, form := range []string{"blobs/", "compressed-blobs/zstd/"} {
			b.Run(fmt.Sprint(form, size), func(b *testing.B) {
				k := start(b, 64<<30)
				d := k.put(random(size))
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					stream, err := k.bytes.Read(b.Context(), &bspb.ReadRequest{ResourceName: form + d.String()})
					for err == nil {
						_, err = stream.Recv()
					}
					if !errors.Is(err, io.EOF) {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{1000, 64 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			k := start(b, 1<<30)
			data := random(size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			n := uint64(0)
			for b.Loop() {
				n++
				binary.LittleEndian.PutUint64(data, n)
				d := digest.Of(data)
				if _, err := k.write(chunked(upload(d), data, 1<<20)...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
