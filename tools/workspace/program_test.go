package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bbf-build/bbf/tools/workspace"
)

func TestKeepProgram(t *testing.T) {
	w := workspace.Workspace{Root: t.TempDir()}
	if err := os.Mkdir(w.Path(workspace.Dir), 0o755); err != nil {
		t.Fatal(err)
	}
	program := func(name, text string) string {
		path := filepath.Join(w.Root, name)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	has := func(want string) {
		t.Helper()
		info, err := os.Stat(w.ProgramPath())
		if err != nil || info.Mode()&0o100 == 0 {
			t.Fatal(info, err)
		}
		if got, _ := os.ReadFile(w.ProgramPath()); string(got) != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	keep := func(exe string) {
		t.Helper()
		if err := w.KeepProgram(exe); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("WhenThereIsNone", func(t *testing.T) { keep(program("one", "first")); has("first") })
	t.Run("WhenItIsTheSame", func(t *testing.T) { keep(filepath.Join(w.Root, "one")); has("first") })
	t.Run("WhenItIsItself", func(t *testing.T) { keep(w.ProgramPath()); has("first") })
	t.Run("WhenItIsAnotherOne", func(t *testing.T) { keep(program("two", "second")); has("second") })
	t.Run("WhenBazelDeletedTheOther", func(t *testing.T) {
		if err := os.Remove(filepath.Join(w.Root, "two")); err != nil {
			t.Fatal(err)
		}
		has("second")
	})
	t.Run("WhenNoLinkCanBeMade", func(t *testing.T) {
		dir, err := os.MkdirTemp("/dev/shm", "bbf-*")
		if err != nil {
			t.Skip("no second file system here: ", err)
		}
		defer os.RemoveAll(dir)
		other := filepath.Join(dir, "three")
		if err := os.WriteFile(other, []byte("third"), 0o755); err != nil {
			t.Fatal(err)
		}
		keep(other)
		has("third")
	})
	t.Run("WhenThereIsNoProgram", func(t *testing.T) {
		if err := w.KeepProgram(filepath.Join(w.Root, "nothing")); err == nil {
			t.Fatal("no error")
		}
		has("third")
	})
	if left, _ := os.ReadDir(w.Path(workspace.Dir)); len(left) != 1 {
		t.Fatal("left over: ", left)
	}
}
