package execroot

import (
	"container/list"
	"context"
	"errors"
	"sync"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/bbf-build/bbf/tools/engine/cas"
	"github.com/bbf-build/bbf/tools/engine/digest"
)

// Limits of an input tree. What Bazel sends is far below; a tree of a few messages that each have the next one twice is not.
const (
	maxNodes = 2_000_000
	maxDepth = 1000
)

// maxKept bounds the directories that are kept in memory, counted in their own entries.
const maxKept = 128 << 10

// loader reads input trees. It keeps what it read, so a tree that was read before costs one look-up.
type loader struct {
	store   *cas.Store
	longest int // bytes that a path in a tree may have

	mu    sync.Mutex
	known map[digest.Digest]*list.Element // of *directory
	used  *list.List                      // most recently used first
	kept  int
}

func newLoader(store *cas.Store, longest int) *loader {
	return &loader{store: store, longest: longest, known: map[digest.Digest]*list.Element{}, used: list.New()}
}

// load reads the tree with the given root. Directory messages that are not in the store are added to missing; then the
// tree has holes and is only good for finding what else is missing.
func (l *loader) load(ctx context.Context, root digest.Digest, missing *[]digest.Digest) (*directory, error) {
	r := reading{loader: l, ctx: ctx, missing: missing, done: map[digest.Digest]*directory{}, holes: map[*directory]bool{}}
	d, err := r.read(root, "", 1)
	if err != nil {
		return nil, err
	}
	switch {
	case d.nodes > maxNodes:
		return nil, status.Errorf(codes.InvalidArgument, "input tree: it has more than %d files and folders", maxNodes)
	case d.longest > l.longest:
		return nil, status.Errorf(codes.InvalidArgument, "input tree: a path has %d bytes, and more than %d can't be made: %s", d.longest, l.longest, shown(d.longestPath()))
	}
	return d, nil
}

// longestPath is the path below d that has the most bytes.
func (d *directory) longestPath() string {
	for _, f := range d.dirs {
		if f.dir.longest > 0 && len(f.name)+1+f.dir.longest == d.longest {
			return f.name + "/" + f.dir.longestPath()
		}
		if len(f.name) == d.longest {
			return f.name
		}
	}
	for _, f := range d.files {
		if len(f.name) == d.longest {
			return f.name
		}
	}
	for _, f := range d.links {
		if len(f.name) == d.longest {
			return f.name
		}
	}
	return ""
}

// reading is one call of load.
type reading struct {
	*loader
	ctx     context.Context
	missing *[]digest.Digest
	done    map[digest.Digest]*directory // what was read in this call
	holes   map[*directory]bool          // of these, the ones with something missing
}

func (r *reading) read(dg digest.Digest, path string, depth int) (*directory, error) {
	d := r.get(dg)
	if d == nil {
		d = r.done[dg]
	}
	if d != nil {
		if depth+d.depth-1 > maxDepth {
			return nil, tooDeep(path)
		}
		return d, nil
	}
	if depth > maxDepth {
		return nil, tooDeep(path)
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	d, children, err := r.readOne(dg, path)
	if err != nil {
		return nil, err
	}
	for i, child := range children {
		c, err := r.read(child, join(path, d.dirs[i].name), depth+1)
		if err != nil {
			return nil, err
		}
		d.dirs[i].dir = c
		if r.holes[c] {
			r.holes[d] = true
		}
	}
	d.count()
	r.done[dg] = d
	if !r.holes[d] && d.nodes <= maxNodes {
		r.put(d)
	}
	return d, nil
}

func tooDeep(path string) error {
	return status.Errorf(codes.InvalidArgument, "input tree: %s: more than %d folders are inside of each other", shown(path), maxDepth)
}

// readOne reads one message. A missing one counts as empty.
func (r *reading) readOne(dg digest.Digest, path string) (*directory, []digest.Digest, error) {
	data, err := r.store.Read(dg)
	var gone *cas.MissingError
	if errors.As(err, &gone) {
		*r.missing = append(*r.missing, dg)
		d := &directory{digest: dg}
		r.holes[d] = true
		return d, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var m repb.Directory
	if err := proto.Unmarshal(data, &m); err != nil {
		return nil, nil, status.Errorf(codes.InvalidArgument, "input tree: %s: blob %s is not a Directory message: %v", shown(path), dg, err)
	}
	d, children, err := parse(&m, path)
	if err != nil {
		return nil, nil, err
	}
	d.digest = dg
	return d, children, nil
}

// count fills in what a directory knows of what is below it.
func (d *directory) count() {
	d.nodes, d.depth, d.longest = 1+int64(len(d.files)+len(d.links)), 1, 0
	for _, f := range d.files {
		d.longest = max(d.longest, len(f.name))
	}
	for _, f := range d.links {
		d.longest = max(d.longest, len(f.name))
	}
	for _, f := range d.dirs {
		d.nodes = min(d.nodes+f.dir.nodes, 1<<40) // no overflow, however often it is doubled
		d.depth = max(d.depth, f.dir.depth+1)
		d.longest = max(d.longest, len(f.name))
		if f.dir.longest > 0 {
			d.longest = max(d.longest, len(f.name)+1+f.dir.longest)
		}
	}
}

func (l *loader) get(dg digest.Digest) *directory {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.known[dg]
	if e == nil {
		return nil
	}
	l.used.MoveToFront(e)
	return e.Value.(*directory)
}

func (d *directory) weight() int { return 1 + len(d.files) + len(d.dirs) + len(d.links) }

func (l *loader) put(d *directory) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[d.digest] != nil || d.weight() > maxKept/4 {
		return
	}
	l.known[d.digest] = l.used.PushFront(d)
	for l.kept += d.weight(); l.kept > maxKept; {
		old := l.used.Remove(l.used.Back()).(*directory)
		delete(l.known, old.digest)
		l.kept -= old.weight()
	}
}
