package server

import (
	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/protobuf/proto"
)

// maxInline is how many bytes a result may have with what is inlined: clients take messages of 4 MiB, and a result may be part of
// a larger message.
const maxInline = 3 << 20

// inliner puts blobs' bytes into results for clients that asked for it. To inline is never a duty: what doesn't fit or is gone is
// left out, and the client fetches it by digest (remote_execution.proto, ActionResult.stdout_raw).
type inliner struct{ store *cas.Store }

// inline sets one field of r to the bytes of the blob that p names.
func (n inliner) inline(r *repb.ActionResult, field *[]byte, p *repb.Digest) {
	room := maxInline - int64(proto.Size(r))
	n.fill(field, p, &room)
}

// inlineFiles sets the contents of the output files with these paths.
func (n inliner) inlineFiles(r *repb.ActionResult, paths []string) {
	if len(paths) == 0 {
		return
	}
	wanted := make(map[string]bool, len(paths))
	for _, path := range paths {
		wanted[path] = true
	}
	room := maxInline - int64(proto.Size(r))
	for _, f := range r.OutputFiles {
		if wanted[f.Path] {
			n.fill(&f.Contents, f.Digest, &room)
		}
	}
}

// fill sets a field that is not set yet, if there is room.
func (n inliner) fill(field *[]byte, p *repb.Digest, room *int64) {
	d, err := digest.FromProto("", p)
	if err != nil || len(*field) > 0 || d.Size > *room {
		return
	}
	if data, err := n.store.Read(d); err == nil {
		*field = data
		*room -= d.Size
	}
}
