package execroot

import (
	"path/filepath"
	"sync"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"

	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

// Root is the exec root of one action.
type Root struct {
	*slot
	builder *Builder
	tree    *directory
	shared  []*cachedTree
	command *repb.Command
	outputs Outputs
	workDir string
	inputs  []inputState // without overlays
	removed sync.Once
}

// Layers are for sandbox.Spec.Root.
func (r *Root) Layers() []sandbox.Layer {
	if !r.builder.overlay {
		return []sandbox.Layer{{Upper: r.upper}}
	}
	l := sandbox.Layer{Lower: r.lower, Upper: r.upper, Work: r.work}
	for _, t := range r.shared {
		l.Under = append(l.Under, t.dir)
	}
	return []sandbox.Layer{l}
}

// Tmp is for sandbox.Spec.Tmp.
func (r *Root) Tmp() string { return r.tmp }

// Scratch is a path, outside of what the action sees, for a file of the caller's: there may be an empty one already. The name has no
// slash.
func (r *Root) Scratch(name string) string { return filepath.Join(r.dir, "scratch-"+name) }

// Remove gives the exec root back. What the action has left is deleted in the background; nothing of the root may be used any more.
func (r *Root) Remove() {
	r.removed.Do(func() {
		for _, t := range r.shared {
			r.builder.trees.release(t)
		}
		r.builder.busy.Go(func() { r.builder.recycle(r.slot) })
	})
}
