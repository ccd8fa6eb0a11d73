package execroot

import (
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// directory is a Directory message, checked, with everything below it. It is never changed, and shared by all trees that it is in.
type directory struct {
	digest  digest.Digest
	files   []file
	dirs    []folder
	links   []symlink
	nodes   int64 // itself and everything below, each as often as it will be made
	depth   int   // levels of folders, itself included
	longest int   // bytes of the longest path below
}

type file struct {
	name       string
	digest     digest.Digest
	executable bool
	properties *repb.NodeProperties // nil, or something that a hard link can't have
}

type folder struct {
	name string
	dir  *directory
}

type symlink struct{ name, target string }

// entry is what a directory has under a name. At most one of the three is set.
type entry struct {
	file *file
	dir  *directory
	link *symlink
}

func (d *directory) find(name string) entry {
	for i := range d.dirs {
		if d.dirs[i].name == name {
			return entry{dir: d.dirs[i].dir}
		}
	}
	for i := range d.files {
		if d.files[i].name == name {
			return entry{file: &d.files[i]}
		}
	}
	for i := range d.links {
		if d.links[i].name == name {
			return entry{link: &d.links[i]}
		}
	}
	return entry{}
}

// parse checks a Directory message, without what is below it. The path is for errors.
func parse(m *repb.Directory, path string) (d *directory, children []digest.Digest, err error) {
	d = &directory{files: make([]file, 0, len(m.GetFiles())), links: make([]symlink, 0, len(m.GetSymlinks()))}
	seen := make(map[string]bool, len(m.GetFiles())+len(m.GetDirectories())+len(m.GetSymlinks()))
	check := func(name string) error {
		if reason := badName(name); reason != "" {
			return status.Errorf(codes.InvalidArgument, "input tree: %s: the name %q %s", shown(path), clip(name), reason)
		}
		if seen[name] {
			return status.Errorf(codes.InvalidArgument, "input tree: %s: the name %q is there twice", shown(path), name)
		}
		seen[name] = true
		return nil
	}
	for _, n := range m.GetFiles() {
		if err := check(n.GetName()); err != nil {
			return nil, nil, err
		}
		dg, err := digest.FromProto("input tree: "+join(path, n.GetName()), n.GetDigest())
		if err != nil {
			return nil, nil, err
		}
		f := file{name: n.GetName(), digest: dg, executable: n.GetIsExecutable()}
		if p := n.GetNodeProperties(); p.GetMtime() != nil || p.GetUnixMode() != nil {
			f.properties = p
		}
		d.files = append(d.files, f)
	}
	for _, n := range m.GetDirectories() {
		if err := check(n.GetName()); err != nil {
			return nil, nil, err
		}
		dg, err := digest.FromProto("input tree: "+join(path, n.GetName()), n.GetDigest())
		if err != nil {
			return nil, nil, err
		}
		d.dirs = append(d.dirs, folder{name: n.GetName()})
		children = append(children, dg)
	}
	for _, n := range m.GetSymlinks() {
		if err := check(n.GetName()); err != nil {
			return nil, nil, err
		}
		if t := n.GetTarget(); t == "" || len(t) >= maxPath || strings.ContainsRune(t, 0) {
			return nil, nil, status.Errorf(codes.InvalidArgument, "input tree: %s: the symlink's target %q is empty, too long or has a NUL byte", join(path, n.GetName()), clip(t))
		}
		d.links = append(d.links, symlink{name: n.GetName(), target: n.GetTarget()})
	}
	return d, children, nil
}

// maxPath is how long a path may be for the kernel, the NUL byte at its end included.
const maxPath = 4096

// badName says what is wrong with the name of a node.
func badName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case name == "." || name == "..":
		return "is not the name of a file"
	case len(name) > 255:
		return "is longer than 255 bytes"
	case strings.ContainsRune(name, '/'):
		return "has a slash"
	case strings.ContainsRune(name, 0):
		return "has a NUL byte"
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// shown is a path in an error.
func shown(path string) string {
	if path == "" {
		return "the root"
	}
	return clip(path)
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
