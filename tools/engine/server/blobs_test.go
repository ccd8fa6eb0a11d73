package server_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"github.com/bbf-build/bbf/tools/engine/server"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func protos(ds ...digest.Digest) []*repb.Digest {
	ps := make([]*repb.Digest, len(ds))
	for i, d := range ds {
		ps[i] = d.Proto()
	}
	return ps
}

func TestFindMissingBlobs(t *testing.T) {
	k := start(t, 1<<30)
	a, x := k.put([]byte("a")), digest.Of([]byte("x"))
	r, err := k.blobs.FindMissingBlobs(t.Context(), &repb.FindMissingBlobsRequest{InstanceName: "any/one", BlobDigests: protos(x, a, digest.Empty, x)})
	if err != nil || len(r.MissingBlobDigests) != 1 || !proto.Equal(r.MissingBlobDigests[0], x.Proto()) {
		t.Fatal(r, err)
	}
	t.Run("WhenThereAreManyThousands", func(t *testing.T) {
		ds := make([]*repb.Digest, 100_000)
		for i := range ds {
			ds[i] = digest.Of(fmt.Append(nil, i)).Proto()
		}
		r, err := k.blobs.FindMissingBlobs(t.Context(), &repb.FindMissingBlobsRequest{BlobDigests: ds})
		if err != nil || len(r.MissingBlobDigests) != len(ds) || !proto.Equal(r.MissingBlobDigests[len(ds)-1], ds[len(ds)-1]) {
			t.Fatal(len(r.GetMissingBlobDigests()), err)
		}
	})
	t.Run("WhenADigestIsBad", func(t *testing.T) {
		_, err := k.blobs.FindMissingBlobs(t.Context(), &repb.FindMissingBlobsRequest{BlobDigests: []*repb.Digest{a.Proto(), {Hash: "no"}}})
		k.refused(err, codes.InvalidArgument, "blob_digests[1]")
		_, err = k.blobs.FindMissingBlobs(t.Context(), &repb.FindMissingBlobsRequest{BlobDigests: []*repb.Digest{{Hash: a.Hex(), SizeBytes: -1}}})
		k.refused(err, codes.InvalidArgument, "blob_digests[0]")
	})
}

func TestDigestFunctions(t *testing.T) {
	k := start(t, 1<<30)
	d := k.put([]byte("a")).Proto()
	for f, name := range repb.DigestFunction_Value_name {
		f := repb.DigestFunction_Value(f)
		_, find := k.blobs.FindMissingBlobs(t.Context(), &repb.FindMissingBlobsRequest{BlobDigests: []*repb.Digest{d}, DigestFunction: f})
		_, update := k.blobs.BatchUpdateBlobs(t.Context(), &repb.BatchUpdateBlobsRequest{DigestFunction: f})
		_, read := k.blobs.BatchReadBlobs(t.Context(), &repb.BatchReadBlobsRequest{Digests: []*repb.Digest{d}, DigestFunction: f})
		_, put := k.results.UpdateActionResult(t.Context(), &repb.UpdateActionResultRequest{ActionDigest: d, ActionResult: &repb.ActionResult{}, DigestFunction: f})
		_, get := k.results.GetActionResult(t.Context(), &repb.GetActionResultRequest{ActionDigest: d, DigestFunction: f})
		_, tree := k.getTree(&repb.GetTreeRequest{RootDigest: digest.Empty.Proto(), DigestFunction: f})
		for call, err := range map[string]error{"FindMissingBlobs": find, "BatchUpdateBlobs": update, "BatchReadBlobs": read, "UpdateActionResult": put, "GetActionResult": get, "GetTree": tree} {
			if f == repb.DigestFunction_UNKNOWN || f == repb.DigestFunction_SHA256 {
				if err != nil {
					t.Errorf("%s with %s: %v", call, name, err)
				}
				continue
			}
			k.refused(err, codes.InvalidArgument, name)
		}
	}
}

func TestBatchUpdateBlobs(t *testing.T) {
	k := start(t, 1<<30)
	text := prose(10_000)
	d := digest.Of(text)
	a := digest.Of([]byte("a"))
	type request = repb.BatchUpdateBlobsRequest_Request
	for _, c := range []struct {
		name    string
		request *request
		want    codes.Code
		field   string
	}{
		{"WhenTheHashIsWrong", &request{Digest: a.Proto(), Data: []byte("b")}, codes.InvalidArgument, "requests[1]: digest hash"},
		{"WhenTheSizeIsWrong", &request{Digest: a.Proto(), Data: []byte("aa")}, codes.InvalidArgument, "size_bytes"},
		{"WhenThereIsNoDigest", &request{Data: []byte("a")}, codes.InvalidArgument, "requests[1].digest"},
		{"WhenTheHashIsMalformed", &request{Digest: &repb.Digest{Hash: strings.Repeat("../", 21) + "x", SizeBytes: 1}, Data: []byte("a")}, codes.InvalidArgument, "requests[1].digest"},
		{"WhenTheCompressorIsnt", &request{Digest: a.Proto(), Data: []byte("a"), Compressor: repb.Compressor_BROTLI}, codes.InvalidArgument, "BROTLI"},
		{"WhenZstdIsTruncated", &request{Digest: d.Proto(), Data: squeeze(text)[:20], Compressor: repb.Compressor_ZSTD}, codes.InvalidArgument, "zstd"},
		{"WhenZstdIsABomb", &request{Digest: d.Proto(), Data: squeeze(make([]byte, 64<<20)), Compressor: repb.Compressor_ZSTD}, codes.InvalidArgument, "size_bytes"},
		{"WhenZstdIsTooShort", &request{Digest: d.Proto(), Data: squeeze(text[1:]), Compressor: repb.Compressor_ZSTD}, codes.InvalidArgument, "size_bytes"},
		{"WhenGarbageFollowsZstd", &request{Digest: d.Proto(), Data: append(squeeze(text), "garbage"...), Compressor: repb.Compressor_ZSTD}, codes.InvalidArgument, "zstd"},
		{"WhenAllIsRight", &request{Digest: a.Proto(), Data: []byte("a")}, codes.OK, ""},
		{"WhenItIsEmpty", &request{Digest: digest.Empty.Proto()}, codes.OK, ""},
		{"WhenEmptyIsZstd", &request{Digest: digest.Empty.Proto(), Data: squeeze(nil), Compressor: repb.Compressor_ZSTD}, codes.OK, ""},
		{"WhenZstdIsRight", &request{Digest: d.Proto(), Data: squeeze(text), Compressor: repb.Compressor_ZSTD}, codes.OK, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := []byte(c.name+"1"), []byte(c.name+"2")
			r, err := k.blobs.BatchUpdateBlobs(t.Context(), &repb.BatchUpdateBlobsRequest{Requests: []*request{
				{Digest: digest.Of(before).Proto(), Data: before}, c.request, {Digest: digest.Of(after).Proto(), Data: after},
			}})
			if err != nil || len(r.Responses) != 3 {
				t.Fatal(r, err)
			}
			for i, response := range r.Responses {
				want := codes.OK
				if i == 1 {
					want = c.want
				}
				if codes.Code(response.Status.GetCode()) != want || i == 1 && !strings.Contains(response.Status.GetMessage(), c.field) {
					t.Fatalf("%d: %v, want %v with %q", i, response.Status, want, c.field)
				}
			}
			if !proto.Equal(r.Responses[1].Digest, c.request.Digest) || !k.store.Has(digest.Of(before)) || !k.store.Has(digest.Of(after)) {
				t.Fatal("the answers are not those of the requests")
			}
		})
	}
	if !k.store.Has(a) || !k.store.Has(d) {
		t.Fatal("what was right isn't there")
	}
	t.Run("WhenItIsExactlyTheLimit", func(t *testing.T) {
		data := random(server.MaxBatch)
		r, err := k.blobs.BatchUpdateBlobs(t.Context(), &repb.BatchUpdateBlobsRequest{Requests: []*request{{Digest: digest.Of(data).Proto(), Data: data}}})
		if err != nil || r.Responses[0].Status.GetCode() != 0 {
			t.Fatal(r, err)
		}
	})
	t.Run("WhenItIsOverTheLimit", func(t *testing.T) {
		data := random(server.MaxBatch/2 + 1)
		requests := []*request{{Digest: digest.Of(data).Proto(), Data: data}, {Digest: digest.Of(data).Proto(), Data: data}}
		_, err := k.blobs.BatchUpdateBlobs(t.Context(), &repb.BatchUpdateBlobsRequest{Requests: requests})
		k.refused(err, codes.InvalidArgument, "requests")
		zeros := make([]byte, server.MaxBatch+1) // few bytes are sent
		_, err = k.blobs.BatchUpdateBlobs(t.Context(), &repb.BatchUpdateBlobsRequest{Requests: []*request{
			{Digest: digest.Of(zeros).Proto(), Data: squeeze(zeros), Compressor: repb.Compressor_ZSTD},
		}})
		k.refused(err, codes.InvalidArgument, "requests")
	})
}

func TestBatchReadBlobs(t *testing.T) {
	k := start(t, 1<<30)
	text, noise := prose(10_000), random(10_000)
	small, a, b := k.put([]byte("small")), k.put(text), k.put(noise)
	absent := digest.Of([]byte("absent"))
	gone := k.put([]byte("gone"))
	k.deleteFile(gone)
	r, err := k.blobs.BatchReadBlobs(t.Context(), &repb.BatchReadBlobsRequest{
		Digests: append(protos(small, absent, a, digest.Empty, gone), &repb.Digest{Hash: "x"}),
	})
	if err != nil || len(r.Responses) != 6 {
		t.Fatal(r, err)
	}
	for i, want := range []struct {
		code codes.Code
		data []byte
	}{{codes.OK, []byte("small")}, {codes.NotFound, nil}, {codes.OK, text}, {codes.OK, nil}, {codes.NotFound, nil}, {codes.InvalidArgument, nil}} {
		got := r.Responses[i]
		if codes.Code(got.Status.GetCode()) != want.code || !bytes.Equal(got.Data, want.data) || got.Compressor != repb.Compressor_IDENTITY {
			t.Fatalf("%d: %v", i, got)
		}
	}
	t.Run("WhenZstdIsAcceptable", func(t *testing.T) {
		r, err := k.blobs.BatchReadBlobs(t.Context(), &repb.BatchReadBlobsRequest{
			Digests:               protos(a, b, small),
			AcceptableCompressors: []repb.Compressor_Value{repb.Compressor_BROTLI, repb.Compressor_ZSTD},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][]byte{text, noise, []byte("small")} {
			got := r.Responses[i].Data
			if r.Responses[i].Compressor == repb.Compressor_ZSTD {
				got = unsqueeze(t, got)
			}
			if !bytes.Equal(got, want) {
				t.Fatal(i)
			}
		}
		if r.Responses[0].Compressor != repb.Compressor_ZSTD || len(r.Responses[0].Data) > 1000 {
			t.Fatal("what compresses well wasn't compressed")
		}
	})
	t.Run("WhenOthersAreAcceptable", func(t *testing.T) {
		r, err := k.blobs.BatchReadBlobs(t.Context(), &repb.BatchReadBlobsRequest{Digests: protos(a), AcceptableCompressors: []repb.Compressor_Value{repb.Compressor_DEFLATE}})
		if err != nil || r.Responses[0].Compressor != repb.Compressor_IDENTITY || !bytes.Equal(r.Responses[0].Data, text) {
			t.Fatal(r, err)
		}
	})
	t.Run("WhenItIsOverTheLimit", func(t *testing.T) {
		for _, ds := range [][]*repb.Digest{
			protos(slices.Repeat([]digest.Digest{a}, 500)...),
			{{Hash: a.Hex(), SizeBytes: 1 << 62}, {Hash: a.Hex(), SizeBytes: 1 << 62}, {Hash: a.Hex(), SizeBytes: 1 << 62}},
		} {
			_, err := k.blobs.BatchReadBlobs(t.Context(), &repb.BatchReadBlobsRequest{Digests: ds})
			k.refused(err, codes.InvalidArgument, "digests")
		}
	})
}
