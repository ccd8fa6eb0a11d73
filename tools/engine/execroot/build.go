package execroot

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Build makes the exec root of one action. What is missing in the store is a *cas.MissingError with all of it; a malformed
// tree has codes.InvalidArgument and names the path. The caller has to Remove the root.
func (b *Builder) Build(ctx context.Context, c *repb.Command, root digest.Digest, outputs Outputs) (*Root, error) {
	var missing []digest.Digest
	tree, err := b.loader.load(ctx, root, &missing)
	if err != nil {
		return nil, err
	}
	folders, err := outputs.parents(tree, c.GetWorkingDirectory())
	if err != nil {
		return nil, err
	}
	// A blob may be evicted between the look whether it is there and its use; then everything is looked at once more.
	for attempt := 0; ; attempt++ {
		r, err := b.try(ctx, c, tree, outputs, folders, missing)
		var gone *cas.MissingError
		if err == nil || attempt == 2 || !errors.As(err, &gone) || len(b.store.Missing(gone.Digests)) == len(gone.Digests) {
			return r, b.withAllMissing(err, tree, missing)
		}
	}
}

// withAllMissing completes a *cas.MissingError that came from the making: the client is to send everything at once.
func (b *Builder) withAllMissing(err error, tree *directory, missing []digest.Digest) error {
	var gone *cas.MissingError
	if !errors.As(err, &gone) {
		return err
	}
	blobs := map[digest.Digest]bool{}
	tree.blobs(blobs, "", nil)
	all := append(slices.Clone(missing), gone.Digests...)
	all = append(all, b.store.Missing(slices.Collect(maps.Keys(blobs)))...)
	slices.SortFunc(all, digest.Digest.Compare)
	return &cas.MissingError{Digests: slices.Compact(all)}
}

func (b *Builder) try(ctx context.Context, c *repb.Command, tree *directory, outputs Outputs, folders []string, missing []digest.Digest) (r *Root, err error) {
	var use []*cachedTree
	defer func() {
		if err != nil {
			for _, t := range use {
				b.trees.release(t)
			}
		}
	}()
	places := b.trees.split(tree)
	without := map[string]*directory{}
	var make []place
	for _, p := range places {
		without[p.path] = p.dir
		if t := b.trees.ready(p); t != nil {
			use = append(use, t)
		} else {
			make = append(make, p)
		}
	}
	// Of the cached trees that are there all blobs are pinned; only the rest has to be looked for.
	blobs := map[digest.Digest]bool{}
	if without[""] == nil {
		tree.blobs(blobs, "", without)
	}
	for _, p := range make {
		p.dir.blobs(blobs, "", nil)
	}
	absent := b.store.Missing(slices.Collect(maps.Keys(blobs)))
	if len(absent)+len(missing) > 0 {
		return nil, &cas.MissingError{Digests: append(absent, missing...)}
	}
	for _, p := range make {
		t, err := b.trees.get(ctx, p)
		if err != nil {
			return nil, err
		}
		use = append(use, t)
	}
	lower, upper := map[string]struct{}{}, map[string]struct{}{}
	if b.overlay {
		if without[""] == nil {
			tree.folders(lower, "", without)
		}
		for _, f := range folders {
			for ; f != ""; f = dirOf(f) {
				upper[f] = struct{}{}
			}
		}
	}
	s, err := b.slotWith(lower, upper)
	if err != nil {
		return nil, err
	}
	r = &Root{slot: s, builder: b, tree: tree, outputs: outputs, workDir: c.GetWorkingDirectory(), command: c}
	if err := r.fill(folders, without); err != nil {
		b.throw(s)
		return nil, err
	}
	r.shared = use
	return r, nil
}

// folders adds the paths of all folders below d, except of the places that are left out.
func (d *directory) folders(into map[string]struct{}, path string, without map[string]*directory) {
	for _, f := range d.dirs {
		if p := join(path, f.name); without[p] != f.dir {
			into[p] = struct{}{}
			f.dir.folders(into, p, without)
		}
	}
}

// fill makes what is in the folders of the private part of an exec root.
func (r *Root) fill(folders []string, without map[string]*directory) error {
	l := linker{store: r.builder.store, without: without}
	if r.builder.overlay {
		l.folders = r.inLower
		if without[""] != nil {
			return nil
		}
		return l.link(r.tree, r.lower, "")
	}
	l.file = r.remember
	if err := l.link(r.tree, r.upper, ""); err != nil {
		return err
	}
	for _, f := range folders {
		if err := os.MkdirAll(r.upper+"/"+f, 0o755); err != nil {
			return r.builder.store.DiskError("make the folder "+f, err)
		}
	}
	return nil
}

// parents returns the folders that have to be there before the action: the working directory and the ones of its outputs.
// None of them may lead through a file or a symlink of the input tree.
func (o Outputs) parents(tree *directory, workDir string) ([]string, error) {
	if workDir != "" && !clean(workDir) {
		return nil, status.Errorf(codes.InvalidArgument, "working_directory: %q is not a clean relative path", clip(workDir))
	}
	need := map[string]bool{}
	if workDir != "" {
		need[workDir] = true
	}
	for p := range o.all() {
		if parent := dirOf(join(workDir, p)); parent != "" {
			need[parent] = true
		}
	}
	for p := range need {
		e := entry{dir: tree}
		for i, name := range strings.Split(p, "/") {
			if e.dir == nil {
				break
			}
			e = e.dir.find(name)
			if e.file != nil || e.link != nil {
				at := strings.Join(strings.Split(p, "/")[:i+1], "/")
				kind := "a file"
				if e.link != nil {
					kind = "a symlink"
				}
				return nil, status.Errorf(codes.InvalidArgument, "an output or the working directory is to be below %s, which is %s in the input tree", clip(at), kind)
			}
		}
	}
	return slices.Sorted(maps.Keys(need)), nil
}

func dirOf(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }
