package server

import (
	"context"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/actioncache"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// results is the ActionCache service.
type results struct {
	repb.UnimplementedActionCacheServer
	cache   *actioncache.Cache
	inliner inliner
}

// GetActionResult returns a result whose blobs are all there, with those inlined that the client asked for and that fit.
func (s *results) GetActionResult(ctx context.Context, req *repb.GetActionResultRequest) (*repb.ActionResult, error) {
	if err := checkDigestFunction(req.DigestFunction); err != nil {
		return nil, err
	}
	action, err := digest.FromProto("action_digest", req.ActionDigest)
	if err != nil {
		return nil, err
	}
	r, err := s.cache.Get(ctx, req.InstanceName, action)
	if err != nil {
		return nil, err
	}
	if req.InlineStdout {
		s.inliner.inline(r, &r.StdoutRaw, r.StdoutDigest)
	}
	if req.InlineStderr {
		s.inliner.inline(r, &r.StderrRaw, r.StderrDigest)
	}
	s.inliner.inlineFiles(r, req.InlineOutputFiles)
	return r, nil
}

// UpdateActionResult stores a result. One that names blobs which are not there is refused with codes.FailedPrecondition: it could not
// be served. The action and its command need not be there.
func (s *results) UpdateActionResult(ctx context.Context, req *repb.UpdateActionResultRequest) (*repb.ActionResult, error) {
	if err := checkDigestFunction(req.DigestFunction); err != nil {
		return nil, err
	}
	action, err := digest.FromProto("action_digest", req.ActionDigest)
	if err != nil {
		return nil, err
	}
	if req.ActionResult == nil {
		return nil, status.Error(codes.InvalidArgument, "action_result: no result is given")
	}
	if err := s.cache.Put(ctx, req.InstanceName, action, req.ActionResult); err != nil {
		return nil, err
	}
	return req.ActionResult, nil
}
