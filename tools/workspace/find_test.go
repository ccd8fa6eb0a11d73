package workspace_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/workspace"
)

func noEnv(string) string { return "" }

func realTemp(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFind(t *testing.T) {
	for _, marker := range workspace.Markers {
		t.Run("WhenItIsMarkedBy"+marker, func(t *testing.T) {
			root := realTemp(t)
			write(t, filepath.Join(root, marker), "")
			deep := filepath.Join(root, "a", "b")
			if err := os.MkdirAll(deep, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{root, deep} {
				w, err := workspace.Find(noEnv, dir)
				if err != nil || w.Root != root || w.BazelRun {
					t.Fatal(w, err)
				}
			}
		})
	}

	t.Run("WhenAFolderHasTheMarkersName", func(t *testing.T) {
		root := realTemp(t)
		write(t, filepath.Join(root, "MODULE.bazel"), "")
		write(t, filepath.Join(root, "sub", "WORKSPACE", "x"), "") // a folder on a case-insensitive disk is no marker
		if w, err := workspace.Find(noEnv, filepath.Join(root, "sub")); err != nil || w.Root != root {
			t.Fatal(w, err)
		}
	})

	t.Run("WhenBazelRunSaysIt", func(t *testing.T) {
		root := realTemp(t)
		w, err := workspace.Find(func(name string) string {
			if name == "BUILD_WORKSPACE_DIRECTORY" {
				return root
			}
			return ""
		}, "/")
		if err != nil || w.Root != root || !w.BazelRun || !w.KnowsBBF() {
			t.Fatal(w, err)
		}
	})

	t.Run("WhenItIsReachedByALink", func(t *testing.T) {
		root := realTemp(t)
		write(t, filepath.Join(root, "WORKSPACE"), "")
		link := filepath.Join(realTemp(t), "link")
		if err := os.Symlink(root, link); err != nil {
			t.Fatal(err)
		}
		if w, err := workspace.Find(noEnv, link); err != nil || w.Root != root {
			t.Fatal(w, err)
		}
	})

	t.Run("WhenThereIsNone", func(t *testing.T) {
		dir := realTemp(t)
		_, err := workspace.Find(noEnv, dir)
		var missing *workspace.NotFoundError
		if !errors.As(err, &missing) {
			t.Skipf("the folder for temporary files is itself in a workspace: %v", err)
		}
		for _, m := range workspace.Markers {
			if !strings.Contains(err.Error(), m) {
				t.Errorf("%q doesn't name %s", err, m)
			}
		}
	})
}

func TestKnowsBBF(t *testing.T) {
	for _, c := range []struct {
		file, text string
		want       bool
	}{
		{"MODULE.bazel", `bazel_dep(name = "bbf", version = "0.1.0")`, true},
		{"WORKSPACE", "local_repository(\n    name = 'bbf',\n)", true},
		{"MODULE.bazel", `# bazel_dep(name = "bbf")`, false},
		{"MODULE.bazel", `bazel_dep(name = "bbfx")`, false},
		{"MODULE.bazel", ``, false},
	} {
		w := workspace.Workspace{Root: t.TempDir()}
		write(t, w.Path(c.file), c.text)
		if got := w.KnowsBBF(); got != c.want {
			t.Errorf("with %s %q: %v", c.file, c.text, got)
		}
	}
}
