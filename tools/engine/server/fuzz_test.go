package server_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/server"
	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func FuzzResourceName(f *testing.F) {
	d := digest.Of([]byte("x"))
	for _, name := range []string{
		"blobs/" + d.String(), "a/b/blobs/sha256/" + d.String(), "compressed-blobs/zstd/" + d.String(), upload(d), "i/" + uploadZstd(d) + "/x/y",
		"", "/", "blobs", "blobs//", "uploads/u/blobs/" + d.Hex() + "/-1", "uploads/u/blobs/" + d.Hex() + "/+1", "uploads//blobs/" + d.String(), "compressed-blobs",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, parse := range []func(string) (digest.Digest, bool, error){server.ParseRead, server.ParseWrite} {
			got, zstd, err := parse(name)
			if err != nil {
				if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "resource_name") {
					t.Fatalf("%q: %v", name, err)
				}
				continue
			}
			if !strings.Contains(name, got.Hex()) || strings.Contains(name, "compressed-blobs/zstd") != zstd && !strings.Contains(name, "/blobs/") {
				t.Fatalf("%q: %v, %v", name, got, zstd)
			}
		}
	})
}

func FuzzWriteRequest(f *testing.F) {
	for _, m := range []*bspb.WriteRequest{{}, {ResourceName: "n", WriteOffset: -1, FinishWrite: true, Data: []byte("d")}, {Data: make([]byte, 300)}} {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0x52, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var want bspb.WriteRequest
		wantErr := proto.Unmarshal(b, &want)
		name, offset, finish, data, err := server.DecodeWrite(b)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got %v, want %v", err, wantErr)
		}
		if err == nil && (name != want.ResourceName || offset != want.WriteOffset || finish != want.FinishWrite || !bytes.Equal(data, want.Data)) {
			t.Fatalf("%q %d %v %q, want %v", name, offset, finish, data, &want)
		}
	})
}

func FuzzDecompress(f *testing.F) {
	f.Add(squeeze([]byte("hello")), int64(5))
	f.Add(squeeze(nil), int64(0))
	f.Add([]byte("(\xb5/\xfd"), int64(10))
	f.Fuzz(func(t *testing.T, data []byte, size int64) {
		if size < 0 || size > 1<<20 {
			return
		}
		plain, err := server.Decompress(data, size)
		if err == nil && int64(len(plain)) != size {
			t.Fatalf("%d bytes, want %d", len(plain), size)
		}
		if err != nil && status.Code(err) != codes.InvalidArgument {
			t.Fatal(err)
		}
	})
}
