//lint:file-ignore SA1019 Clients of API 2.0 use the fields that later versions call deprecated.

package execroot

import (
	"iter"
	"path"
	"slices"
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Outputs are the outputs that a command declares, checked.
type Outputs struct {
	paths       []string // output_paths; then the other two are ignored, as the API says
	files       []string // output_files
	directories []string // output_directories
	mtime, mode bool     // output_node_properties
}

// ParseOutputs checks a command's outputs: output_paths, or where there are none output_files and output_directories.
func ParseOutputs(c *repb.Command) (Outputs, error) {
	var o Outputs
	for i, name := range c.GetOutputNodeProperties() {
		switch name {
		case "mtime":
			o.mtime = true
		case "unix_mode":
			o.mode = true
		default:
			return Outputs{}, status.Errorf(codes.InvalidArgument, "output_node_properties[%d]: %q is not supported; mtime and unix_mode are", i, clip(name))
		}
	}
	seen := map[string]bool{}
	check := func(field string, list []string) error {
		for i, p := range list {
			// The API allows the empty path for a directory: the whole working directory.
			if !clean(p) && !(p == "" && field == "output_directories") {
				return status.Errorf(codes.InvalidArgument, "%s[%d]: %q is not a clean relative path", field, i, clip(p))
			}
			if seen[p] {
				return status.Errorf(codes.InvalidArgument, "%s[%d]: %q is there twice", field, i, clip(p))
			}
			seen[p] = true
		}
		return nil
	}
	if o.paths = c.GetOutputPaths(); len(o.paths) > 0 {
		return o, check("output_paths", o.paths)
	}
	o.files, o.directories = c.GetOutputFiles(), c.GetOutputDirectories()
	if err := check("output_files", o.files); err != nil {
		return Outputs{}, err
	}
	if err := check("output_directories", o.directories); err != nil {
		return Outputs{}, err
	}
	// A directory may be inside of another one; nothing can be inside of a file.
	isFile := map[string]bool{}
	for _, f := range o.files {
		isFile[f] = true
	}
	for p := range seen {
		for up := dirOf(p); up != ""; up = dirOf(up) {
			if isFile[up] {
				return Outputs{}, status.Errorf(codes.InvalidArgument, "output_files: %q is to be a file, and the output %q is below it", clip(up), clip(p))
			}
		}
	}
	return o, nil
}

// all are all paths, of whatever kind.
func (o Outputs) all() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, list := range [][]string{o.paths, o.files, o.directories} {
			for _, p := range list {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// clean says whether p is a relative path below where it starts, with no "." or ".." and no superfluous slash.
func clean(p string) bool {
	return p != "" && p != "." && path.Clean(p) == p && !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../") &&
		!strings.ContainsRune(p, 0) && len(p) < maxPath && !slices.ContainsFunc(strings.Split(p, "/"), func(n string) bool { return len(n) > 255 })
}
