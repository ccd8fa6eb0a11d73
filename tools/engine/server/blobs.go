package server

import (
	"context"
	"fmt"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
)

// blobs is the ContentAddressableStorage service. Splitting blobs into chunks is not offered (Capabilities says so).
type blobs struct {
	repb.UnimplementedContentAddressableStorageServer
	store *cas.Store
}

// FindMissingBlobs answers from memory and looks at no file.
func (b *blobs) FindMissingBlobs(_ context.Context, req *repb.FindMissingBlobsRequest) (*repb.FindMissingBlobsResponse, error) {
	if err := checkDigestFunction(req.DigestFunction); err != nil {
		return nil, err
	}
	ds := make([]digest.Digest, len(req.BlobDigests))
	for i, p := range req.BlobDigests {
		var err error
		if ds[i], err = digest.New(p.GetHash(), p.GetSizeBytes()); err != nil {
			_, err = digest.FromProto(fmt.Sprintf("blob_digests[%d]", i), p)
			return nil, err
		}
	}
	missing := b.store.Missing(ds)
	reply := &repb.FindMissingBlobsResponse{MissingBlobDigests: make([]*repb.Digest, len(missing))}
	for i, d := range missing {
		reply.MissingBlobDigests[i] = d.Proto()
	}
	return reply, nil
}
