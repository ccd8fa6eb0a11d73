package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// TestExamples takes every example through what its README says, and back.
func TestExamples(t *testing.T) {
	m := newMachine(t)
	entries, err := os.ReadDir(filepath.Join(m.repo, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		ran++
		t.Run(entry.Name(), func(t *testing.T) {
			m.copyWorkspace(t, filepath.Join(m.repo, "examples", entry.Name())).thereAndBack(t)
		})
	}
	if ran == 0 {
		t.Fatal("there are no examples")
	}
}

// thereAndBack brings a cluster up, builds and tests everything on it, builds again from its cache, and takes it down.
func (w workspace) thereAndBack(t *testing.T) {
	t.Cleanup(func() { w.bazel(t, "shutdown") })
	w.verb(t, "up")
	defer w.verb(t, "down")

	w.mustBazel(t, "build", "--config=bbf", "//...").onlyRan(t, "remote")
	w.mustBazel(t, "clean")
	w.mustBazel(t, "build", "--config=bbf", "//...").onlyRan(t, "remote cache hit")
	w.mustBazel(t, "test", "--config=bbf", "//...").onlyRan(t, "remote")
	w.verb(t, "status")

	w.verb(t, "down")
	w.builtLocally(t)
}

// builtLocally checks that after `down` the same config builds on this machine, and that Bazel has nothing to say against it.
func (w workspace) builtLocally(t *testing.T) {
	t.Helper()
	// The build with --config=bbf before "down" is the one that Bazel compares this one's options with.
	w.mustBazel(t, "clean")
	local := w.mustBazel(t, "build", "--config=bbf", "//...")
	for kind, n := range local.ran(t) {
		if kind == "remote" || kind == "remote cache hit" {
			t.Errorf("after down, %d ran as %q:\n%s", n, kind, local.text)
		}
	}
	if found := local.warnings(); len(found) > 0 {
		t.Errorf("after down, Bazel warns: %q", found)
	}
}
