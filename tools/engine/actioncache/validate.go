package actioncache

import (
	"fmt"
	"strings"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// validate checks what can be checked of a result without looking at blobs. Its errors are codes.InvalidArgument and name the field.
func validate(r *repb.ActionResult) error {
	if r == nil {
		return status.Error(codes.InvalidArgument, "action_result: no result is given")
	}
	seen := make(map[string]string)
	path := func(field, p string, empty bool) error {
		if err := checkPath(field, p, empty); err != nil {
			return err
		}
		if other, again := seen[p]; again {
			return status.Errorf(codes.InvalidArgument, "%s: the path %q is that of %s too", field, p, other)
		}
		seen[p] = field
		return nil
	}
	for i, f := range r.OutputFiles {
		field := fmt.Sprintf("action_result.output_files[%d]", i)
		if err := path(field+".path", f.GetPath(), false); err != nil {
			return err
		}
		if _, err := digest.FromProto(field+".digest", f.GetDigest()); err != nil {
			return err
		}
	}
	for i, d := range r.OutputDirectories {
		field := fmt.Sprintf("action_result.output_directories[%d]", i)
		if err := path(field+".path", d.GetPath(), true); err != nil {
			return err
		}
		if d.GetTreeDigest() == nil && d.GetRootDirectoryDigest() == nil {
			return status.Errorf(codes.InvalidArgument, "%s.tree_digest: no digest is given", field)
		}
		for name, p := range map[string]*repb.Digest{"tree_digest": d.GetTreeDigest(), "root_directory_digest": d.GetRootDirectoryDigest()} {
			if p == nil {
				continue
			}
			if _, err := digest.FromProto(field+"."+name, p); err != nil {
				return err
			}
		}
	}
	if err := validateSymlinks(r); err != nil {
		return err
	}
	for name, p := range map[string]*repb.Digest{"stdout_digest": r.StdoutDigest, "stderr_digest": r.StderrDigest} {
		if p == nil {
			continue
		}
		if _, err := digest.FromProto("action_result."+name, p); err != nil {
			return err
		}
	}
	return nil
}

// validateSymlinks looks at the paths and targets of links. One path may be in output_symlinks and in an older field.
func validateSymlinks(r *repb.ActionResult) error {
	for _, list := range []struct {
		name  string
		links []*repb.OutputSymlink
	}{
		{"output_symlinks", r.OutputSymlinks},
		//lint:ignore SA1019 what clients of API 2.0 read
		{"output_file_symlinks", r.OutputFileSymlinks},
		//lint:ignore SA1019 what clients of API 2.0 read
		{"output_directory_symlinks", r.OutputDirectorySymlinks},
	} {
		for i, l := range list.links {
			field := fmt.Sprintf("action_result.%s[%d]", list.name, i)
			if err := checkPath(field+".path", l.GetPath(), false); err != nil {
				return err
			}
			if t := l.GetTarget(); t == "" || strings.Contains(t, "\x00") {
				return status.Errorf(codes.InvalidArgument, "%s.target: %q is not a link's target", field, t)
			}
		}
	}
	return nil
}

// checkPath refuses paths that lead out of the working directory or are not written the one way a path is written.
func checkPath(field, p string, empty bool) error {
	why := ""
	switch {
	case p == "":
		if empty {
			return nil
		}
		why = "is empty"
	case strings.HasPrefix(p, "/"):
		why = "is not relative"
	case strings.Contains(p, "\x00"):
		why = "has a NUL byte"
	default:
		for part := range strings.SplitSeq(p, "/") {
			switch part {
			case "":
				why = "has an empty component"
			case ".", "..":
				why = fmt.Sprintf("has the component %q", part)
			}
		}
	}
	if why == "" {
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "%s: the path %q %s", field, p, why)
}
