// Package workspace knows the user's Bazel workspace: where it is, which Bazel builds it, and the few files that
// bbf writes there (.bbf/ and one line of .bazelrc).
package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Markers are the files that mark the root of a workspace, as Bazel itself looks for them.
var Markers = []string{"MODULE.bazel", "REPO.bazel", "WORKSPACE.bazel", "WORKSPACE"}

// Workspace is one Bazel workspace on disk.
type Workspace struct {
	Root string // absolute, symbolic links resolved: two ways to the same folder are one workspace
	// BazelRun says that `bazel run` started us, and so that the workspace certainly knows the repository @bbf.
	BazelRun bool
}

// NotFoundError says that a folder is in no workspace.
type NotFoundError struct{ Dir string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s is not in a Bazel workspace: neither it nor a folder above it has a %s",
		e.Dir, strings.Join(Markers[:len(Markers)-1], ", ")+" or "+Markers[len(Markers)-1])
}

// Find returns the workspace that `bazel run` names in the environment, or else the one that holds dir.
func Find(getenv func(string) string, dir string) (Workspace, error) {
	if root := getenv("BUILD_WORKSPACE_DIRECTORY"); root != "" {
		root, err := filepath.EvalSymlinks(root)
		if err != nil {
			return Workspace{}, fmt.Errorf("BUILD_WORKSPACE_DIRECTORY, which `bazel run` sets: %w", err)
		}
		return Workspace{Root: root, BazelRun: true}, nil
	}
	start, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Workspace{}, fmt.Errorf("the working directory: %w", err)
	}
	for d := start; ; d = filepath.Dir(d) {
		for _, m := range Markers {
			if fi, err := os.Stat(filepath.Join(d, m)); err == nil && fi.Mode().IsRegular() {
				return Workspace{Root: d}, nil
			}
		}
		if d == filepath.Dir(d) {
			return Workspace{}, &NotFoundError{Dir: start}
		}
	}
}

// Path joins a path inside the workspace.
func (w Workspace) Path(elem ...string) string {
	return filepath.Join(append([]string{w.Root}, elem...)...)
}

// KnowsBBF reports whether the label @bbf//:platform can be resolved here. When `bazel run` started us it can.
// Otherwise the root files are searched for the name; one that hides it in an included file only loses the platform.
func (w Workspace) KnowsBBF() bool {
	if w.BazelRun {
		return true
	}
	for _, m := range Markers {
		data, err := os.ReadFile(w.Path(m))
		if err == nil && namesBBF(string(data)) {
			return true
		}
	}
	return false
}

func namesBBF(file string) bool {
	for line := range strings.Lines(file) {
		line, _, _ = strings.Cut(line, "#")
		if strings.Contains(line, `"bbf"`) || strings.Contains(line, `'bbf'`) {
			return true
		}
	}
	return false
}
