package server

import (
	"context"

	"github.com/bbf-build/bbf/tools/engine/cas"
	bspb "google.golang.org/genproto/googleapis/bytestream"
)

// byteStream is the ByteStream service for blobs of any size.
type byteStream struct {
	bspb.UnimplementedByteStreamServer
	store    *cas.Store
	frames   bool // the codec knows writeFrame and readFrame
	partials *partials
}

// QueryWriteStatus tells how much of an upload is there. For an upload that nothing is known of that is 0 bytes, not an error: clients
// that ask after a broken connection then begin anew (Bazel would give up on NOT_FOUND).
func (s *byteStream) QueryWriteStatus(_ context.Context, req *bspb.QueryWriteStatusRequest) (*bspb.QueryWriteStatusResponse, error) {
	r, err := parseWrite(req.ResourceName)
	if err != nil {
		return nil, err
	}
	if s.store.Has(r.digest) {
		return &bspb.QueryWriteStatusResponse{CommittedSize: r.digest.Size, Complete: true}, nil
	}
	return &bspb.QueryWriteStatusResponse{CommittedSize: s.partials.size(req.ResourceName)}, nil
}
