package server_test

import (
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func TestActionResults(t *testing.T) {
	k := start(t, 1<<30)
	action := digest.Of([]byte("an action"))
	file, large := k.put([]byte("file")), k.put(random(4<<20))
	result := &repb.ActionResult{
		OutputFiles: []*repb.OutputFile{
			{Path: "a/file", Digest: file.Proto(), IsExecutable: true}, {Path: "other", Digest: file.Proto()}, {Path: "large", Digest: large.Proto()},
		},
		StdoutRaw:    []byte("hello"),
		StderrDigest: k.put([]byte("oh")).Proto(),
	}
	get := func(t *testing.T, req *repb.GetActionResultRequest) *repb.ActionResult {
		t.Helper()
		req.ActionDigest = action.Proto()
		r, err := k.results.GetActionResult(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	_, err := k.results.GetActionResult(t.Context(), &repb.GetActionResultRequest{ActionDigest: action.Proto()})
	k.refused(err, codes.NotFound, action.String())
	r, err := k.results.UpdateActionResult(t.Context(), &repb.UpdateActionResultRequest{ActionDigest: action.Proto(), ActionResult: result})
	if err != nil || !proto.Equal(r, result) {
		t.Fatal(r, err)
	}
	t.Run("WhenNothingIsInlined", func(t *testing.T) {
		r := get(t, &repb.GetActionResultRequest{})
		if r.StdoutRaw != nil || r.StderrRaw != nil || r.OutputFiles[0].Contents != nil {
			t.Fatal(r)
		}
		if d := digest.Of([]byte("hello")); r.StdoutDigest.GetHash() != d.Hex() || !k.store.Has(d) {
			t.Fatal("the inlined bytes have no digest")
		}
	})
	t.Run("WhenAllIsInlined", func(t *testing.T) {
		r := get(t, &repb.GetActionResultRequest{InlineStdout: true, InlineStderr: true, InlineOutputFiles: []string{"a/file", "large", "no such"}})
		if string(r.StdoutRaw) != "hello" || string(r.StderrRaw) != "oh" || string(r.OutputFiles[0].Contents) != "file" {
			t.Fatal(r)
		}
		if r.OutputFiles[1].Contents != nil || r.OutputFiles[2].Contents != nil || !r.OutputFiles[0].IsExecutable {
			t.Fatal("what wasn't asked for, or is too large, is inlined")
		}
	})
	t.Run("WhenTheInstanceIsAnother", func(t *testing.T) {
		_, err := k.results.GetActionResult(t.Context(), &repb.GetActionResultRequest{InstanceName: "a/b", ActionDigest: action.Proto()})
		k.refused(err, codes.NotFound, "")
	})
	t.Run("WhenAnOutputIsMissing", func(t *testing.T) {
		bad := &repb.ActionResult{OutputFiles: []*repb.OutputFile{{Path: "x", Digest: digest.Of([]byte("nowhere")).Proto()}}}
		_, err := k.results.UpdateActionResult(t.Context(), &repb.UpdateActionResultRequest{ActionDigest: action.Proto(), ActionResult: bad})
		k.refused(err, codes.FailedPrecondition, "output_files[0].digest")
	})
	t.Run("WhenSomethingIsLeftOut", func(t *testing.T) {
		_, err := k.results.UpdateActionResult(t.Context(), &repb.UpdateActionResultRequest{ActionResult: result})
		k.refused(err, codes.InvalidArgument, "action_digest")
		_, err = k.results.UpdateActionResult(t.Context(), &repb.UpdateActionResultRequest{ActionDigest: action.Proto()})
		k.refused(err, codes.InvalidArgument, "action_result")
		_, err = k.results.GetActionResult(t.Context(), &repb.GetActionResultRequest{})
		k.refused(err, codes.InvalidArgument, "action_digest")
	})
	t.Run("WhenAnOutputIsDeleted", func(t *testing.T) {
		k.deleteFile(file)
		_, err := k.results.GetActionResult(t.Context(), &repb.GetActionResultRequest{ActionDigest: action.Proto()})
		k.refused(err, codes.NotFound, action.String())
	})
}
