package server_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	bspb "google.golang.org/genproto/googleapis/bytestream"
)

// heap is the most that the heap was seen to have while f ran.
func heap(f func(look func())) uint64 {
	var most uint64
	f(func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	})
	return most
}

// TestLargeBlob streams a blob in and out and watches memory. It is 256 MiB unless BBF_TEST_LARGE asks for 4 GiB.
func TestLargeBlob(t *testing.T) {
	size := int64(256 << 20)
	if os.Getenv("BBF_TEST_LARGE") != "" {
		size = 4<<30 + 1
	} else {
		t.Log("with 256 MiB only; BBF_TEST_LARGE=1 makes it 4 GiB")
	}
	k := start(t, 64<<30)
	part := random(1 << 20)
	h := sha256.New()
	for n := size; n > 0; n -= int64(len(part)) {
		h.Write(part[:min(n, int64(len(part)))])
	}
	d := digest.Digest{Hash: [32]byte(h.Sum(nil)), Size: size}
	most := heap(func(look func()) {
		stream, err := k.bytes.Write(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for offset := int64(0); offset < size; offset += int64(len(part)) {
			n := min(size-offset, int64(len(part)))
			err := stream.Send(&bspb.WriteRequest{ResourceName: upload(d), WriteOffset: offset, Data: part[:n], FinishWrite: offset+n == size})
			if err != nil {
				t.Fatal(err)
			}
			if offset%(16<<20) == 0 {
				look()
			}
		}
		if r, err := stream.CloseAndRecv(); err != nil || r.CommittedSize != size {
			t.Fatal(r, err)
		}
		down, err := k.bytes.Read(t.Context(), &bspb.ReadRequest{ResourceName: "blobs/" + d.String()})
		if err != nil {
			t.Fatal(err)
		}
		h.Reset()
		for n := 0; ; n++ {
			r, err := down.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			h.Write(r.Data)
			if n%16 == 0 {
				look()
			}
		}
		if [32]byte(h.Sum(nil)) != d.Hash {
			t.Fatal("other bytes came back")
		}
	})
	if most > 100<<20 {
		t.Fatalf("the heap grew to %d MiB", most>>20)
	}
}

// TestManyConnections has a thousand clients upload and read at once.
func TestManyConnections(t *testing.T) {
	k := start(t, 4<<30)
	shared := k.put(random(1 << 20))
	var wg sync.WaitGroup
	most := heap(func(look func()) {
		for i := range 1000 {
			conn := k.dial()
			wg.Go(func() {
				data := fmt.Append(nil, "blob ", i)
				blobs, bytes := repb.NewContentAddressableStorageClient(conn), bspb.NewByteStreamClient(conn)
				if _, err := blobs.BatchUpdateBlobs(t.Context(), &repb.BatchUpdateBlobsRequest{Requests: []*repb.BatchUpdateBlobsRequest_Request{
					{Digest: digest.Of(data).Proto(), Data: data},
				}}); err != nil {
					t.Error(err)
					return
				}
				stream, err := bytes.Read(t.Context(), &bspb.ReadRequest{ResourceName: "blobs/" + shared.String()})
				if err != nil {
					t.Error(err)
					return
				}
				// One message is taken; the rest waits in the server until the client goes away.
				if _, err := stream.Recv(); err != nil {
					t.Error(err)
				}
			})
			if i%50 == 0 {
				look()
			}
		}
		wg.Wait()
		look()
	})
	t.Logf("the heap of server and clients: %d MiB", most>>20)
	if most > 1<<30 {
		t.Fatalf("the heap grew to %d MiB", most>>20)
	}
	for i := range 1000 {
		if !k.store.Has(digest.Of(fmt.Append(nil, "blob ", i))) {
			t.Fatalf("blob %d isn't there", i)
		}
	}
}
