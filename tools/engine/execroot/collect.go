//lint:file-ignore SA1019 Clients of API 2.0 use the fields that later versions call deprecated.

package execroot

import (
	"context"
	"os"
	"unicode/utf8"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Collect adds the action's outputs to a result, and their bytes to the store. Outputs that are not there are left out. The action's
// processes have to be gone. It can be called once.
func (r *Root) Collect(ctx context.Context, into *repb.ActionResult) error {
	if err := r.checkInputs(); err != nil {
		return err
	}
	c := collection{root: r, leaves: map[string]*leaf{}}
	var outs []output
	for _, p := range r.outputs.paths {
		outs = append(outs, output{path: p})
	}
	for _, p := range r.outputs.files {
		outs = append(outs, output{path: p, wants: wantsFile})
	}
	for _, p := range r.outputs.directories {
		outs = append(outs, output{path: p, wants: wantsDirectory})
	}
	for i := range outs {
		if err := c.look(ctx, &outs[i]); err != nil {
			return err
		}
	}
	if err := c.adopt(ctx); err != nil {
		return err
	}
	for i := range outs {
		if err := c.add(&outs[i], into); err != nil {
			return err
		}
	}
	return nil
}

// What the client said that an output is.
const (
	wantsAny = iota
	wantsFile
	wantsDirectory
)

// output is one declared output, and what there is of it. At most one of the last three is set.
type output struct {
	path  string
	wants int
	leaf  *leaf
	dir   *outDir
	link  *repb.NodeProperties
	to    string // the link's target
}

// look finds out what an output is, with everything in it.
func (c *collection) look(ctx context.Context, o *output) error {
	f, err := c.root.find(join2(c.root.workDir, o.path))
	if err != nil || !f.exists() {
		return err
	}
	what := "output " + o.path
	switch {
	case f.isDir():
		if o.wants == wantsFile {
			return status.Errorf(codes.FailedPrecondition, "output_files: %q was declared as a file, and the action made a directory", o.path)
		}
		o.dir, err = c.walk(ctx, f, what, 0)
	case f.host == "" && f.input.link != nil:
		o.link, o.to = &repb.NodeProperties{}, f.input.link.target
	case f.host != "" && f.info.Mode()&os.ModeSymlink != 0:
		o.link = c.properties(f.info)
		o.to, err = target(f.host, what)
	default:
		if o.wants == wantsDirectory {
			return status.Errorf(codes.FailedPrecondition, "output_directories: %q was declared as a directory, and the action made a file", o.path)
		}
		o.leaf, err = c.leaf(f, what)
	}
	return err
}

// add puts an output into the result.
func (c *collection) add(o *output, into *repb.ActionResult) error {
	switch {
	case o.leaf != nil:
		into.OutputFiles = append(into.OutputFiles, &repb.OutputFile{
			Path: o.path, Digest: o.leaf.digest.Proto(), IsExecutable: o.leaf.executable, NodeProperties: c.wanted(o.leaf.properties),
		})
	case o.dir != nil:
		d, err := c.directory(o)
		if err != nil {
			return err
		}
		into.OutputDirectories = append(into.OutputDirectories, d)
	case o.link != nil:
		s := &repb.OutputSymlink{Path: o.path, Target: o.to, NodeProperties: c.wanted(o.link)}
		// Clients of API 2.0 look in one of two lists, by how they declared the output.
		switch o.wants {
		case wantsFile:
			into.OutputFileSymlinks = append(into.OutputFileSymlinks, s)
		case wantsDirectory:
			into.OutputDirectorySymlinks = append(into.OutputDirectorySymlinks, s)
		default:
			into.OutputSymlinks = append(into.OutputSymlinks, s)
		}
	}
	return nil
}

// properties are the node properties of a file that the action asked for.
func (c *collection) properties(info os.FileInfo) *repb.NodeProperties {
	p := &repb.NodeProperties{}
	if c.root.outputs.mtime {
		p.Mtime = timestamppb.New(info.ModTime())
	}
	if c.root.outputs.mode {
		p.UnixMode = wrapperspb.UInt32(uint32(info.Mode().Perm()))
	}
	return p
}

// wanted is nil where the action asked for no node properties.
func (c *collection) wanted(p *repb.NodeProperties) *repb.NodeProperties {
	if p.GetMtime() == nil && p.GetUnixMode() == nil {
		return nil
	}
	return p
}

func target(host, what string) (string, error) {
	to, err := os.Readlink(host)
	if err == nil && !utf8.ValidString(to) {
		err = status.Errorf(codes.FailedPrecondition, "%s: the symlink's target %q is not UTF-8", what, clip(to))
	}
	return to, err
}

// join2 is join for a path that may be empty too.
func join2(dir, path string) string {
	if path == "" {
		return dir
	}
	return join(dir, path)
}
