package actioncache

import (
	"fmt"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// outline returns a result with digests where r has bytes, which go into the blob store: whoever asks for the result decides anew
// what is inlined. If there is nothing to do that is r itself.
func (c *Cache) outline(r *repb.ActionResult) (*repb.ActionResult, error) {
	inlined := len(r.GetStdoutRaw()) > 0 || len(r.GetStderrRaw()) > 0
	for _, f := range r.GetOutputFiles() {
		inlined = inlined || len(f.GetContents()) > 0
	}
	if !inlined {
		return r, nil
	}
	r = proto.CloneOf(r)
	for _, stream := range []struct {
		name   string
		raw    *[]byte
		digest **repb.Digest
	}{
		{"stdout", &r.StdoutRaw, &r.StdoutDigest},
		{"stderr", &r.StderrRaw, &r.StderrDigest},
	} {
		if len(*stream.raw) == 0 {
			continue
		}
		d, err := c.putInlined("action_result."+stream.name+"_raw", *stream.raw, *stream.digest)
		if err != nil {
			return nil, err
		}
		*stream.raw, *stream.digest = nil, d.Proto()
	}
	for i, f := range r.OutputFiles {
		if len(f.Contents) == 0 {
			continue
		}
		if _, err := c.putInlined(fmt.Sprintf("action_result.output_files[%d].contents", i), f.Contents, f.Digest); err != nil {
			return nil, err
		}
		f.Contents = nil
	}
	return r, nil
}

// putInlined stores the bytes of a field. want is the digest that stands beside it, if any.
func (c *Cache) putInlined(field string, data []byte, want *repb.Digest) (digest.Digest, error) {
	d := digest.Of(data)
	if want != nil && (want.Hash != d.Hex() || want.SizeBytes != d.Size) {
		return d, status.Errorf(codes.InvalidArgument, "%s: the bytes have the digest %s, but %s/%d is given", field, d, want.Hash, want.SizeBytes)
	}
	_, err := c.store.Put(data)
	return d, err
}
