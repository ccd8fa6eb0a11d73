package server_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/server"
	bspb "google.golang.org/genproto/googleapis/bytestream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

func TestWrite(t *testing.T) {
	data := random(3<<20 + 17)
	d := digest.Of(data)
	for name, c := range map[string]struct {
		messages []message
		want     codes.Code
		field    string
	}{
		"WhenAllIsRight":          {chunked(upload(d), data, 64<<10), codes.OK, ""},
		"WhenItIsOneMessage":      {chunked(upload(d), data, len(data)), codes.OK, ""},
		"WhenThereIsAnInstance":   {chunked("some/instance/name/"+upload(d), data, 1<<20), codes.OK, ""},
		"WhenMetadataFollows":     {chunked(upload(d)+"/bazel-out/bin/a.o", data, 1<<20), codes.OK, ""},
		"WhenTheFunctionIsNamed":  {chunked(fmt.Sprintf("uploads/%s/blobs/sha256/%s", uuid, d), data, 1<<20), codes.OK, ""},
		"WhenTheEndIsEmpty":       {append(openEnd(chunked(upload(d), data, 1<<20)), message{offset: d.Size, finish: true}), codes.OK, ""},
		"WhenTheNameIsRepeated":   {[]message{{name: upload(d), data: data[:10]}, {name: upload(d), offset: 10, data: data[10:], finish: true}}, codes.OK, ""},
		"WhenNothingIsSent":       {nil, codes.InvalidArgument, "resource_name"},
		"WhenThereIsNoName":       {chunked("", data, 1<<20), codes.InvalidArgument, "resource_name"},
		"WhenTheNameChanges":      {[]message{{name: upload(d), data: data[:10]}, {name: upload(d) + "/x", offset: 10, data: data[10:], finish: true}}, codes.InvalidArgument, "resource_name"},
		"WhenTheHashIsWrong":      {chunked(upload(digest.Digest{Hash: digest.Empty.Hash, Size: d.Size}), data, 1<<20), codes.InvalidArgument, "hash"},
		"WhenTheSizeIsTooLarge":   {chunked(upload(digest.Digest{Hash: d.Hash, Size: d.Size + 1}), data, 1<<20), codes.InvalidArgument, "size_bytes"},
		"WhenTheSizeIsTooSmall":   {chunked(upload(digest.Digest{Hash: d.Hash, Size: d.Size - 1}), data, 1<<20), codes.InvalidArgument, "size_bytes"},
		"WhenItFinishesEarly":     {[]message{{name: upload(d), data: data[:10], finish: true}}, codes.InvalidArgument, "size_bytes"},
		"WhenItGoesOnAfterTheEnd": {append(chunked(upload(d), data, 1<<20), message{offset: d.Size, data: []byte("x")}), codes.InvalidArgument, "finish_write"},
		"WhenTheOffsetIsNegative": {[]message{{name: upload(d), offset: -1, data: data}}, codes.InvalidArgument, "write_offset"},
		"WhenTheOffsetIsTooLarge": {[]message{{name: upload(d), offset: d.Size + 1, data: data}}, codes.InvalidArgument, "write_offset"},
		"WhenNothingIsToResume":   {[]message{{name: upload(d), offset: 10, data: data[10:], finish: true}}, codes.InvalidArgument, "write_offset"},
		"WhenAnOffsetRepeats":     {[]message{{name: upload(d), data: data[:10]}, {offset: 0, data: data[10:], finish: true}}, codes.InvalidArgument, "write_offset"},
		"WhenAnOffsetSkips":       {[]message{{name: upload(d), data: data[:10]}, {offset: 11, data: data[10:], finish: true}}, codes.InvalidArgument, "write_offset"},
		"WhenItIsAReadName":       {chunked("blobs/"+d.String(), data, 1<<20), codes.InvalidArgument, "resource_name"},
		"WhenAnotherFunctionIs":   {chunked(fmt.Sprintf("uploads/%s/blobs/blake3/%s", uuid, d), data, 1<<20), codes.InvalidArgument, "blake3"},
		"WhenTheCompressorIsnt":   {chunked(fmt.Sprintf("uploads/%s/compressed-blobs/deflate/%s", uuid, d), data, 1<<20), codes.InvalidArgument, "deflate"},
		"WhenItIsIdentity":        {chunked(fmt.Sprintf("uploads/%s/compressed-blobs/identity/%s", uuid, d), data, 1<<20), codes.InvalidArgument, "identity"},
		"WhenItIsLargerThanAll":   {[]message{{name: upload(digest.Digest{Size: 1 << 50}), data: data}}, codes.ResourceExhausted, "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, 1<<30)
			size, err := k.write(c.messages...)
			if c.want != codes.OK {
				k.refused(err, c.want, c.field)
				if k.store.Has(d) != (name == "WhenItGoesOnAfterTheEnd") { // it was complete and right by then
					t.Fatal("the store says otherwise")
				}
				return
			}
			if err != nil || size != d.Size {
				t.Fatal(size, err)
			}
			if got, err := k.read("blobs/"+d.String(), 0, 0); err != nil || !bytes.Equal(got, data) {
				t.Fatal(len(got), err)
			}
		})
	}
}

// openEnd is an upload without finish_write.
func openEnd(all []message) []message {
	all[len(all)-1].finish = false
	return all
}

func TestWriteExisting(t *testing.T) {
	k := start(t, 1<<30)
	d := k.put([]byte("there"))
	// One message that is neither right nor the last: the answer comes all the same.
	for name, want := range map[string]int64{upload(d): d.Size, uploadZstd(d): -1, upload(digest.Empty): 0, uploadZstd(digest.Empty): -1} {
		stream, err := k.bytes.Write(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stream.Send(&bspb.WriteRequest{ResourceName: name, Data: []byte("?")})
		r := new(bspb.WriteResponse)
		if err := stream.RecvMsg(r); err != nil || r.CommittedSize != want {
			t.Fatalf("%s: %v, %v", name, r, err)
		}
	}
	t.Run("WhenItsFileWasDeleted", func(t *testing.T) {
		gone := digest.Of([]byte("gone"))
		k.put([]byte("gone"))
		k.deleteFile(gone)
		if size, err := k.write(chunked(upload(gone), []byte("gone"), 10)...); err != nil || size != 4 {
			t.Fatal(size, err)
		}
		if got, err := k.read("blobs/"+gone.String(), 0, 0); err != nil || string(got) != "gone" {
			t.Fatal(got, err)
		}
	})
}

func TestWriteMeanwhileCompleted(t *testing.T) {
	k := start(t, 1<<30)
	data := random(1000)
	d := digest.Of(data)
	for name, want := range map[string]int64{upload(d): d.Size, uploadZstd(d): -1} {
		stream, err := k.bytes.Write(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&bspb.WriteRequest{ResourceName: name, Data: data[:0]}); err != nil {
			t.Fatal(err)
		}
		k.put(data)
		sent := data
		if want == -1 {
			sent = squeeze(data)
		}
		stream.Send(&bspb.WriteRequest{ResourceName: name, Data: sent[:100]})
		if r, err := stream.CloseAndRecv(); err != nil || r.CommittedSize != want {
			t.Fatalf("%s: %v, %v", name, r, err)
		}
	}
}

func TestWriteConcurrently(t *testing.T) {
	k := start(t, 1<<30)
	data := random(2 << 20)
	d := digest.Of(data)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := upload(d) // all of the same name
			if i%2 == 0 {
				name = strings.Replace(name, uuid, fmt.Sprint("other-", i), 1)
			}
			if size, err := k.write(chunked(name, data, 100_000)...); err != nil || size != d.Size {
				t.Errorf("%d, %v", size, err)
			}
		})
	}
	wg.Wait()
	if got, err := k.read("blobs/"+d.String(), 0, 0); err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
}

func TestResume(t *testing.T) {
	data := random(1 << 20)
	d := digest.Of(data)
	interrupt := func(t *testing.T, k *client, name string, part []byte) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream, err := k.bytes.Write(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&bspb.WriteRequest{ResourceName: name, Data: part}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the part has arrived", func() bool { size, _ := k.query(name); return size == int64(len(part)) })
	}
	// resume goes on once the server has noticed the interruption.
	resume := func(t *testing.T, k *client, m ...message) (size int64, err error) {
		t.Helper()
		eventually(t, "the interruption was noticed", func() bool {
			size, err = k.write(m...)
			return err == nil || !strings.Contains(err.Error(), "another stream")
		})
		return size, err
	}
	t.Run("WhenInterrupted", func(t *testing.T) {
		k := start(t, 1<<30)
		interrupt(t, k, upload(d), data[:1000])
		if size, complete := k.query(upload(d)); size != 1000 || complete {
			t.Fatal(size, complete)
		}
		if size, err := resume(t, k, message{name: upload(d), offset: 1000, data: data[1000:], finish: true}); err != nil || size != d.Size {
			t.Fatal(size, err)
		}
		if size, complete := k.query(upload(d)); size != d.Size || !complete {
			t.Fatal(size, complete)
		}
	})
	t.Run("WhenClosedWithoutFinish", func(t *testing.T) {
		k := start(t, 1<<30)
		if size, err := k.write(message{name: upload(d), data: data[:500]}); err != nil || size != 500 {
			t.Fatal(size, err)
		}
		if k.store.Has(d) {
			t.Fatal("it is complete")
		}
		if size, err := k.write(message{name: upload(d), offset: 500, data: data[500:]}); err != nil || size != d.Size || k.store.Has(d) {
			t.Fatal(size, err, "complete without finish_write?")
		}
		if size, err := k.write(message{name: upload(d), offset: d.Size, finish: true}); err != nil || size != d.Size || !k.store.Has(d) {
			t.Fatal(size, err)
		}
	})
	t.Run("WhenTheOffsetIsWrong", func(t *testing.T) {
		k := start(t, 1<<30)
		if _, err := k.write(message{name: upload(d), data: data[:500]}); err != nil {
			t.Fatal(err)
		}
		_, err := k.write(message{name: upload(d), offset: 499, data: data[499:], finish: true})
		k.refused(err, codes.InvalidArgument, "write_offset")
		_, err = k.write(message{name: upload(d) + "/another", offset: 500, data: data[500:], finish: true})
		k.refused(err, codes.InvalidArgument, "write_offset")
		if size, err := k.write(message{name: upload(d), offset: 500, data: data[500:], finish: true}); err != nil || size != d.Size {
			t.Fatal(size, err)
		}
	})
	t.Run("WhenBegunAnew", func(t *testing.T) {
		k := start(t, 1<<30)
		interrupt(t, k, upload(d), []byte("something wrong"))
		if size, err := k.write(chunked(upload(d), data, 1<<18)...); err != nil || size != d.Size {
			t.Fatal(size, err)
		}
	})
	t.Run("WhenNothingIsKnown", func(t *testing.T) {
		k := start(t, 1<<30)
		if size, complete := k.query(upload(d)); size != 0 || complete {
			t.Fatal(size, complete)
		}
		_, err := k.bytes.QueryWriteStatus(t.Context(), &bspb.QueryWriteStatusRequest{ResourceName: "nonsense"})
		k.refused(err, codes.InvalidArgument, "resource_name")
	})
	t.Run("WhenCompressed", func(t *testing.T) {
		k := start(t, 1<<30)
		plain := prose(1 << 20)
		d := digest.Of(plain)
		first := squeeze(plain[:300_000])
		if size, err := k.write(message{name: uploadZstd(d), data: first}); err != nil || size != 300_000 {
			t.Fatal(size, err)
		}
		second := squeeze(plain[300_000:])
		size, err := k.write(message{name: uploadZstd(d), offset: 300_000, data: second[:10]}, message{offset: 300_010, data: second[10:], finish: true})
		if err != nil || size != 300_000+int64(len(second)) || !k.store.Has(d) {
			t.Fatal(size, err)
		}
	})
	t.Run("WhenThereAreTooMany", func(t *testing.T) {
		k := start(t, 1<<30)
		for i := range 100 {
			if _, err := k.write(message{name: fmt.Sprintf("uploads/%d/blobs/%s", i, d), data: data[:10]}); err != nil {
				t.Fatal(err)
			}
		}
		kept := 0
		for i := range 100 {
			if size, _ := k.query(fmt.Sprintf("uploads/%d/blobs/%s", i, d)); size == 10 {
				kept++
			}
		}
		if size, _ := k.query("uploads/99/blobs/" + d.String()); kept != 64 || size != 10 || k.temporaries() != 64 {
			t.Fatal(kept, size, k.temporaries())
		}
	})
	t.Run("WhenItIsTooMuch", func(t *testing.T) {
		k := start(t, 4<<20)
		if _, err := k.write(message{name: upload(d), data: data[:300_000]}); err != nil {
			t.Fatal(err)
		}
		if size, _ := k.query(upload(d)); size != 0 || k.temporaries() != 0 {
			t.Fatal(size, k.temporaries())
		}
	})
}

func TestWriteCompressed(t *testing.T) {
	data := prose(2 << 20)
	d := digest.Of(data)
	small := squeeze(data)
	noise := random(100_000)
	bomb := squeeze(make([]byte, 512<<20))
	flipped := bytes.Clone(small)
	flipped[len(flipped)/2] ^= 0x55
	for name, c := range map[string]struct {
		digest digest.Digest
		sent   []byte
		want   codes.Code
		field  string
	}{
		"WhenItIsRight":            {d, small, codes.OK, ""},
		"WhenItDoesntCompress":     {digest.Of(noise), squeeze(noise), codes.OK, ""},
		"WhenItIsTwoFrames":        {d, append(squeeze(data[:1000]), squeeze(data[1000:])...), codes.OK, ""},
		"WhenItIsTruncated":        {d, small[:len(small)-5], codes.InvalidArgument, "zstd"},
		"WhenNothingIsThere":       {d, nil, codes.InvalidArgument, "size_bytes"},
		"WhenItIsNotZstd":          {d, data, codes.InvalidArgument, "zstd"},
		"WhenGarbageFollows":       {d, append(bytes.Clone(small), "garbage"...), codes.InvalidArgument, "zstd"},
		"WhenOneByteFollows":       {d, append(bytes.Clone(small), 'x'), codes.InvalidArgument, "zstd"},
		"WhenItIsDamaged":          {d, flipped, codes.InvalidArgument, ""},
		"WhenItIsABomb":            {d, bomb, codes.InvalidArgument, "size_bytes"},
		"WhenTheSizeIsTooLarge":    {digest.Digest{Hash: d.Hash, Size: d.Size + 1}, small, codes.InvalidArgument, "size_bytes"},
		"WhenTheHashIsWrong":       {digest.Digest{Hash: digest.Empty.Hash, Size: d.Size}, small, codes.InvalidArgument, "hash"},
		"WhenTheWindowIsTooLarge":  {d, []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf0, 0x01, 0x00, 0x00}, codes.InvalidArgument, "zstd"},
		"WhenTheSizeIsTheFramesOf": {d, []byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x01, 0x00, 0x00}, codes.InvalidArgument, "zstd"},
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, 1<<30)
			size, err := k.write(chunked(uploadZstd(c.digest), c.sent, 10_000)...)
			if c.want != codes.OK {
				k.refused(err, c.want, c.field)
				if k.store.Has(c.digest) || k.temporaries() != 0 {
					t.Fatal("something was kept")
				}
				return
			}
			if err != nil || size != int64(len(c.sent)) {
				t.Fatal(size, err)
			}
			if !k.store.Has(c.digest) {
				t.Fatal("it isn't there")
			}
		})
	}
}

// TestWithoutFrames: Register on somebody else's server works too, only slower.
func TestWithoutFrames(t *testing.T) {
	k := startWith(t, t.TempDir(), 1<<30, func(d server.Deps) *grpc.Server {
		s := grpc.NewServer()
		server.Register(s, d)
		return s
	})
	data := random(3 << 20)
	d := digest.Of(data)
	if size, err := k.write(chunked(upload(d), data, 1<<20)...); err != nil || size != d.Size {
		t.Fatal(size, err)
	}
	if got, err := k.read("blobs/"+d.String(), 0, 0); err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
	if got, err := k.read("compressed-blobs/zstd/"+d.String(), 0, 0); err != nil || !bytes.Equal(unsqueeze(t, got), data) {
		t.Fatal(len(got), err)
	}
}

// TestWriteThenWait: a client that doesn't close its side before it has the answer gets one.
func TestWriteThenWait(t *testing.T) {
	k := start(t, 1<<30)
	stream, err := k.bytes.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := digest.Of([]byte("x"))
	if err := stream.Send(&bspb.WriteRequest{ResourceName: upload(d), Data: []byte("x"), FinishWrite: true}); err != nil {
		t.Fatal(err)
	}
	r := new(bspb.WriteResponse)
	if err := stream.RecvMsg(r); err != nil || r.CommittedSize != 1 {
		t.Fatal(r, err)
	}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never happened that %s", what)
		}
	}
}
