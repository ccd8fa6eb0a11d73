package actioncache

import (
	"context"
	"fmt"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// completeTree checks a Tree, every file in it, and that it has all of its directories. It returns the root's digest.
func (c *Cache) completeTree(ctx context.Context, field string, p *repb.Digest) (digest.Digest, error) {
	data, err := c.read(field, p)
	if err != nil {
		return digest.Digest{}, err
	}
	root, dirs, err := splitTree(data)
	if err != nil {
		return digest.Digest{}, status.Errorf(codes.InvalidArgument, "%s: %s/%d is not a Tree message: %v", field, p.Hash, p.SizeBytes, err)
	}
	for _, raw := range dirs {
		if ctx.Err() != nil {
			return digest.Digest{}, status.FromContextError(ctx.Err()).Err()
		}
		dir, err := c.completeFiles(field, raw)
		if err != nil {
			return digest.Digest{}, err
		}
		for _, sub := range dir.Directories {
			d, err := digest.FromProto(field+": directory "+quote(sub.GetName()), sub.GetDigest())
			if err != nil {
				return digest.Digest{}, err
			}
			if _, there := dirs[d]; !there && d != digest.Empty {
				return digest.Digest{}, status.Errorf(codes.InvalidArgument, "%s: the directory %q, %s, is not among the Tree's children", field, sub.GetName(), d)
			}
		}
	}
	return root, nil
}

// splitTree returns a Tree's directories by digest, each as it is encoded there: that is what their digests are of, whatever
// another encoder would make of them.
func splitTree(data []byte) (root digest.Digest, dirs map[digest.Digest][]byte, err error) {
	root = digest.Empty
	dirs = make(map[digest.Digest][]byte)
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return root, nil, protowire.ParseError(n)
		}
		data = data[n:]
		if kind != protowire.BytesType || field != 1 && field != 2 {
			if n = protowire.ConsumeFieldValue(field, kind, data); n < 0 {
				return root, nil, protowire.ParseError(n)
			}
			data = data[n:]
			continue
		}
		raw, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return root, nil, protowire.ParseError(n)
		}
		data = data[n:]
		d := digest.Of(raw)
		dirs[d] = raw
		if field == 1 {
			root = d
		}
	}
	return root, dirs, nil
}

// completeDirectory checks a directory that is stored as one blob a level.
func (c *Cache) completeDirectory(ctx context.Context, field string, p *repb.Digest) error {
	root, err := digest.FromProto(field, p)
	if err != nil {
		return err
	}
	seen := map[digest.Digest]bool{root: true}
	for queue := []digest.Digest{root}; len(queue) > 0; {
		if err := ctx.Err(); err != nil {
			return status.FromContextError(err).Err()
		}
		d := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		raw, err := c.read(field, d.Proto())
		if err != nil {
			return err
		}
		dir, err := c.completeFiles(field, raw)
		if err != nil {
			return err
		}
		for _, sub := range dir.Directories {
			s, err := digest.FromProto(field+": directory "+quote(sub.GetName()), sub.GetDigest())
			if err != nil {
				return err
			}
			if !seen[s] {
				seen[s] = true
				queue = append(queue, s)
			}
		}
	}
	return nil
}

// completeFiles decodes a directory and checks the files in it.
func (c *Cache) completeFiles(field string, raw []byte) (*repb.Directory, error) {
	dir := new(repb.Directory)
	if err := proto.Unmarshal(raw, dir); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "%s: %s is not a Directory message: %v", field, digest.Of(raw), err)
	}
	for _, f := range dir.Files {
		if !c.has(f.GetDigest()) {
			return nil, missing(field+": file "+quote(f.GetName()), f.GetDigest())
		}
	}
	return dir, nil
}

func quote(name string) string { return fmt.Sprintf("%q", name) }
