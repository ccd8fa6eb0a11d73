package server

import (
	"fmt"
	"strconv"
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const (
	maxPage      = 1000     // directories in one message
	maxPageBytes = 1 << 20  // of directories in one message, unless one alone is larger
	maxDirectory = 64 << 20 // of one directory: what is larger is no directory, and isn't read into memory
)

// GetTree streams the directories below a root, breadth first and each distinct one once. What is missing is left out, as the API
// wants it; only the root must be there. The token of a page is how many directories came before it.
func (b *blobs) GetTree(req *repb.GetTreeRequest, stream repb.ContentAddressableStorage_GetTreeServer) error {
	if err := checkDigestFunction(req.DigestFunction); err != nil {
		return err
	}
	root, err := digest.FromProto("root_digest", req.RootDigest)
	if err != nil {
		return err
	}
	if req.PageSize < 0 {
		return status.Errorf(codes.InvalidArgument, "page_size: %d is negative", req.PageSize)
	}
	skip, err := parseToken(req.PageToken, root)
	if err != nil {
		return err
	}
	p := pager{stream: stream, root: root, size: maxPage}
	if req.PageSize > 0 {
		p.size = min(p.size, int(req.PageSize))
	}
	seen := map[digest.Digest]bool{root: true}
	for queue := []digest.Digest{root}; len(queue) > 0; queue = queue[1:] {
		if err := stream.Context().Err(); err != nil {
			return status.FromContextError(err).Err()
		}
		dir, err := b.directory(queue[0])
		if status.Code(err) == codes.NotFound && queue[0] != root {
			continue
		}
		if err != nil {
			return at("root_digest", err)
		}
		for _, sub := range dir.Directories {
			d, err := digest.FromProto(fmt.Sprintf("root_digest: directory %s: the digest of %q", queue[0], sub.GetName()), sub.GetDigest())
			if err != nil {
				return err
			}
			if !seen[d] {
				seen[d] = true
				queue = append(queue, d)
			}
		}
		if p.sent++; p.sent <= skip {
			continue
		}
		if err := p.add(dir, queue[0].Size); err != nil {
			return err
		}
	}
	if p.sent < skip {
		return status.Errorf(codes.InvalidArgument, "page_token: it is for directory %d, and the tree has %d", skip, p.sent)
	}
	return p.last()
}

func (b *blobs) directory(d digest.Digest) (*repb.Directory, error) {
	if d.Size > maxDirectory {
		return nil, status.Errorf(codes.InvalidArgument, "%s is too large for a Directory message (more than %d bytes)", d, maxDirectory)
	}
	data, err := b.store.Read(d)
	if err != nil {
		return nil, err
	}
	dir := new(repb.Directory)
	if err := proto.Unmarshal(data, dir); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "%s is not a Directory message: %v", d, err)
	}
	return dir, nil
}

// pager collects directories and sends them a page at a time. It is always one directory behind, since a page with a token
// promises that another follows.
type pager struct {
	stream repb.ContentAddressableStorage_GetTreeServer
	root   digest.Digest
	size   int // directories a page
	sent   int // directories so far, in all pages and the one being filled
	page   []*repb.Directory
	bytes  int64
}

func (p *pager) add(dir *repb.Directory, size int64) error {
	if len(p.page) == p.size || len(p.page) > 0 && p.bytes+size > maxPageBytes {
		if err := p.stream.Send(&repb.GetTreeResponse{Directories: p.page, NextPageToken: token(p.root, p.sent-1)}); err != nil {
			return err
		}
		p.page, p.bytes = nil, 0
	}
	p.page = append(p.page, dir)
	p.bytes += size
	return nil
}

func (p *pager) last() error {
	return p.stream.Send(&repb.GetTreeResponse{Directories: p.page})
}

// token names the page that begins after n directories of a tree.
func token(root digest.Digest, n int) string {
	return fmt.Sprintf("%x:%d", root.Hash[:8], n)
}

func parseToken(t string, root digest.Digest) (int, error) {
	if t == "" {
		return 0, nil
	}
	hash, count, ok := strings.Cut(t, ":")
	n, err := strconv.ParseUint(count, 10, 31)
	if !ok || err != nil || token(root, int(n)) != hash+":"+count || n == 0 {
		return 0, status.Errorf(codes.InvalidArgument, "page_token: %q is not one of this tree's", clip(t))
	}
	return int(n), nil
}
