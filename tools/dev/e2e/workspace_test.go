package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// workspace is a copy of a user's workspace.
type workspace struct {
	machine
	root  string   // of the copy
	cache string   // bbf's cache, this workspace's alone
	env   []string // besides what every user has
}

// copyWorkspace copies a folder's files to a place whose name is always the same, so that Bazel finds its output base again. bbf's
// cache starts empty, and bbf is this repository.
func (m machine) copyWorkspace(t *testing.T, from string) workspace {
	t.Helper()
	name := filepath.Base(from)
	w := workspace{machine: m, root: filepath.Join(m.dir, "workspaces", name), cache: filepath.Join(m.dir, "cache", name)}
	for _, dir := range []string{w.root, w.cache} {
		if err := removeAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(w.root, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"MODULE.bazel", "WORKSPACE"} {
		w.replace(t, file, `path = "../.."`, `path = "`+m.repo+`"`)
	}
	return w
}

// replace edits a file of the workspace, where it is there.
func (w workspace) replace(t *testing.T, file, old, new string) {
	t.Helper()
	path := filepath.Join(w.root, file)
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %s", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), old, new)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// append adds text to the end of a file of the workspace.
func (w workspace) append(t *testing.T, file, text string) {
	t.Helper()
	path := filepath.Join(w.root, file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, text...), 0o755); err != nil {
		t.Fatal(err)
	}
}

// removeAll removes a folder in which some may be read-only, as in bbf's cache.
func removeAll(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}
