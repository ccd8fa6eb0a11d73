package server

import (
	"context"
	"fmt"
	"math"
	"slices"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// BatchUpdateBlobs stores small blobs, each with a status of its own.
func (b *blobs) BatchUpdateBlobs(ctx context.Context, req *repb.BatchUpdateBlobsRequest) (*repb.BatchUpdateBlobsResponse, error) {
	if err := checkDigestFunction(req.DigestFunction); err != nil {
		return nil, err
	}
	var total, plain int64
	for _, r := range req.Requests {
		total = add(total, int64(len(r.GetData())))
		plain = add(plain, r.GetDigest().GetSizeBytes())
	}
	if err := checkBatch("requests", max(total, plain)); err != nil {
		return nil, err
	}
	reply := &repb.BatchUpdateBlobsResponse{Responses: make([]*repb.BatchUpdateBlobsResponse_Response, len(req.Requests))}
	for i, r := range req.Requests {
		if err := ctx.Err(); err != nil {
			return nil, status.FromContextError(err).Err()
		}
		err := coded("BatchUpdateBlobs", b.update(fmt.Sprintf("requests[%d]", i), r))
		reply.Responses[i] = &repb.BatchUpdateBlobsResponse_Response{Digest: r.GetDigest(), Status: status.Convert(err).Proto()}
	}
	return reply, nil
}

func (b *blobs) update(field string, r *repb.BatchUpdateBlobsRequest_Request) error {
	d, err := digest.FromProto(field+".digest", r.GetDigest())
	if err != nil {
		return err
	}
	data := r.GetData()
	switch r.GetCompressor() {
	case repb.Compressor_IDENTITY:
	case repb.Compressor_ZSTD:
		if data, err = decompress(data, d.Size); err != nil {
			return at(field, err)
		}
	default:
		return status.Errorf(codes.InvalidArgument, "%s.compressor: %s is not offered, only ZSTD", field, r.GetCompressor())
	}
	return at(field, b.store.PutAs(d, data))
}

// BatchReadBlobs returns small blobs, each with a status of its own.
func (b *blobs) BatchReadBlobs(ctx context.Context, req *repb.BatchReadBlobsRequest) (*repb.BatchReadBlobsResponse, error) {
	if err := checkDigestFunction(req.DigestFunction); err != nil {
		return nil, err
	}
	var total int64
	for _, d := range req.Digests {
		total = add(total, d.GetSizeBytes())
	}
	if err := checkBatch("digests", total); err != nil {
		return nil, err
	}
	zstd := slices.Contains(req.AcceptableCompressors, repb.Compressor_ZSTD)
	reply := &repb.BatchReadBlobsResponse{Responses: make([]*repb.BatchReadBlobsResponse_Response, len(req.Digests))}
	for i, d := range req.Digests {
		if err := ctx.Err(); err != nil {
			return nil, status.FromContextError(err).Err()
		}
		reply.Responses[i] = b.read(fmt.Sprintf("digests[%d]", i), d, zstd)
	}
	return reply, nil
}

// worth is the size from which compressing is tried.
const worth = 1 << 10

func (b *blobs) read(field string, p *repb.Digest, zstd bool) *repb.BatchReadBlobsResponse_Response {
	reply := &repb.BatchReadBlobsResponse_Response{Digest: p}
	d, err := digest.FromProto(field, p)
	if err == nil {
		reply.Data, err = b.store.Read(d)
	}
	reply.Status = status.Convert(coded("BatchReadBlobs", err)).Proto()
	if zstd && len(reply.Data) >= worth {
		if small := compress(reply.Data); len(small) < len(reply.Data) {
			reply.Data, reply.Compressor = small, repb.Compressor_ZSTD
		}
	}
	return reply
}

func checkBatch(field string, total int64) error {
	if total <= MaxBatch {
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "%s: the blobs have %d bytes together, and a batch may have %d (max_batch_total_size_bytes); use ByteStream", field, total, MaxBatch)
}

// add adds sizes that a client sent: negative ones count nothing, and the sum never overflows.
func add(total, size int64) int64 {
	size = max(size, 0)
	if total > math.MaxInt64-size {
		return math.MaxInt64
	}
	return total + size
}

// at puts the field's name in front of a status's message.
func at(field string, err error) error {
	s, ok := status.FromError(err)
	if err == nil || !ok {
		return err
	}
	return status.Errorf(s.Code(), "%s: %s", field, s.Message())
}
