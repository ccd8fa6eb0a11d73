package execroot

import (
	"cmp"
	"slices"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

const (
	// sharedNodes is how many files and folders an input folder has to have to be worth a cached tree.
	sharedNodes = 32
	// maxMounted is how many cached trees an exec root may have; fewer where the paths are long, as all of them have to
	// fit into one page of mount options.
	maxMounted = 12
)

// place is an input folder at a path of the exec root.
type place struct {
	path string
	dir  *directory
}

// split says which parts of an input tree are to be cached trees: the ones that are cached already, and the outermost folders
// that are large and were seen at the same path before, unless most of such a folder is in cached trees already. Everything
// else is linked for this action alone.
func (t *trees) split(root *directory) []place {
	if t == nil {
		return nil
	}
	var found []place
	t.mu.Lock()
	var walk func(d *directory, path string) (cached int64)
	walk = func(d *directory, path string) (cached int64) {
		if d.nodes < sharedNodes {
			return 0
		}
		key := treeKey(d.digest, path)
		if t.known[key] != nil {
			found = append(found, place{path, d})
			return d.nodes
		}
		again, before := t.seen.add(key), len(found)
		for _, f := range d.dirs {
			cached += walk(f.dir, join(path, f.name))
		}
		if again && d.nodes-cached >= max(sharedNodes, d.nodes/4) {
			found = append(found[:before], place{path, d})
			return 0
		}
		return cached
	}
	walk(root, "")
	t.mu.Unlock()
	most := max(1, min(maxMounted, 3000/(len(t.dir)+32)-3))
	if len(found) > most {
		slices.SortFunc(found, func(a, b place) int { return cmp.Compare(b.dir.nodes, a.dir.nodes) })
		found = found[:most]
	}
	return found
}

// seenSet remembers about the last size keys.
type seenSet struct {
	size       int
	young, old map[treeID]bool
}

// add says whether the key was there.
func (s *seenSet) add(k treeID) bool {
	if s.young[k] {
		return true
	}
	was := s.old[k]
	if len(s.young) >= s.size {
		s.young, s.old = map[treeID]bool{}, s.young
	}
	if s.young == nil {
		s.young = map[treeID]bool{}
	}
	s.young[k] = true
	return was
}

// blobs adds the digests of all files below d, except in the places that are left out.
func (d *directory) blobs(into map[digest.Digest]bool, path string, without map[string]*directory) {
	for i := range d.files {
		into[d.files[i].digest] = true
	}
	for _, f := range d.dirs {
		p := join(path, f.name)
		if without[p] != f.dir {
			f.dir.blobs(into, p, without)
		}
	}
}
