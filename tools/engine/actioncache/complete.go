package actioncache

import (
	"context"
	"fmt"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxTree bounds the memory that one Tree message may take: about half a million files.
const maxTree = 128 << 20

// complete checks that every blob of a valid result is in the store: output files, standard output and error, and for output
// directories the Tree and every file in it. codes.FailedPrecondition names the field of the first that is missing.
func (c *Cache) complete(ctx context.Context, r *repb.ActionResult) error {
	for i, f := range r.OutputFiles {
		if !c.has(f.GetDigest()) {
			return missing(fmt.Sprintf("action_result.output_files[%d].digest", i), f.GetDigest())
		}
	}
	if r.StdoutDigest != nil && !c.has(r.StdoutDigest) {
		return missing("action_result.stdout_digest", r.StdoutDigest)
	}
	if r.StderrDigest != nil && !c.has(r.StderrDigest) {
		return missing("action_result.stderr_digest", r.StderrDigest)
	}
	for i, d := range r.OutputDirectories {
		if err := ctx.Err(); err != nil {
			return status.FromContextError(err).Err()
		}
		field := fmt.Sprintf("action_result.output_directories[%d]", i)
		var root digest.Digest
		if d.GetTreeDigest() != nil {
			var err error
			if root, err = c.completeTree(ctx, field+".tree_digest", d.GetTreeDigest()); err != nil {
				return err
			}
		}
		if want := d.GetRootDirectoryDigest(); want != nil {
			if d.GetTreeDigest() != nil && (root.Hex() != want.Hash || root.Size != want.SizeBytes) {
				return status.Errorf(codes.InvalidArgument, "%s.root_directory_digest: the Tree's root has the digest %s, not %s/%d",
					field, root, want.Hash, want.SizeBytes)
			}
			if err := c.completeDirectory(ctx, field+".root_directory_digest", want); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Cache) has(p *repb.Digest) bool {
	d, err := digest.FromProto("", p)
	return err == nil && c.store.Has(d)
}

// missing says that a field names a blob that isn't there.
func missing(field string, p *repb.Digest) error {
	d, err := digest.FromProto(field, p)
	if err != nil {
		return err
	}
	return status.Errorf(codes.FailedPrecondition, "%s: the blob %s is not in the cache", field, d)
}

// read returns the bytes of a message that a field names by digest.
func (c *Cache) read(field string, p *repb.Digest) ([]byte, error) {
	d, err := digest.FromProto(field, p)
	if err != nil {
		return nil, err
	}
	if d.Size > maxTree {
		return nil, status.Errorf(codes.InvalidArgument, "%s: %s is too large for a message (more than %d bytes)", field, d, maxTree)
	}
	data, err := c.store.Read(d)
	if status.Code(err) == codes.NotFound {
		return nil, missing(field, p)
	}
	return data, err
}
