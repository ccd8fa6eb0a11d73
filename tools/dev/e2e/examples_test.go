package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// edited names a source of each example, which is changed to see it compiled on this machine after `down`. Go's example is left
// out of that: it would be the whole standard library.
var edited = map[string]string{"cpp": "hello.cc", "shell": "words_test.sh", "workspace": "arithmetic.cc", "go": ""}

// TestExamples takes every example through what its README says, and back.
func TestExamples(t *testing.T) {
	m := newMachine(t)
	entries, err := os.ReadDir(filepath.Join(m.repo, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, entry := range entries {
		if !entry.IsDir() || entry.Name() == "aws" { // TestAWS has that one
			continue
		}
		source, known := edited[entry.Name()]
		if !known {
			t.Errorf("examples/%s is new: say which source of it to edit", entry.Name())
		}
		ran++
		t.Run(entry.Name(), func(t *testing.T) {
			m.copyWorkspace(t, filepath.Join(m.repo, "examples", entry.Name())).thereAndBack(t, source)
		})
	}
	if ran == 0 {
		t.Fatal("there are no examples")
	}
}

// thereAndBack brings a cluster up, builds and tests everything on it, builds again from its cache, and takes it down; then it
// builds locally, also after a change to the source.
func (w workspace) thereAndBack(t *testing.T, source string) {
	t.Cleanup(func() { w.bazel(t, "shutdown") })
	w.verb(t, "up")
	defer w.verb(t, "down")

	w.mustBazel(t, "build", "--config=bbf", "//...").onlyRan(t, "remote")
	w.mustBazel(t, "clean", "--async")
	w.mustBazel(t, "build", "--config=bbf", "//...").onlyRan(t, "remote cache hit")
	w.mustBazel(t, "test", "--config=bbf", "//...").onlyRan(t, "remote")
	w.verb(t, "status")

	w.verb(t, "down")
	if source != "" {
		w.buildsLocally(t)
		w.append(t, source, "\n")
		w.buildsLocally(t)
	}
}

// buildsLocally checks that after `down` the same config builds on this machine, and that Bazel has nothing to say against it.
func (w workspace) buildsLocally(t *testing.T) {
	t.Helper()
	r := w.mustBazel(t, "build", "--config=bbf", "//...")
	for kind, n := range r.ran(t) {
		if kind == "remote" || kind == "remote cache hit" {
			t.Errorf("after down, %d ran as %q:\n%s", n, kind, r.text)
		}
	}
	if found := r.warnings(); len(found) > 0 {
		t.Errorf("after down, Bazel warns: %q", found)
	}
}
