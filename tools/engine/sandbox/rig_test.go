package sandbox_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

// action is a Spec with an exec root, and files for what it prints.
type action struct {
	sandbox.Spec
	dir string
}

// newAction makes a command with an empty exec root, of the kind that the runner wants.
func newAction(t testing.TB, r sandbox.Runner, args ...string) *action {
	t.Helper()
	a := &action{dir: t.TempDir()}
	if err := os.Chmod(a.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"lower", "upper", "work", "tmp"} {
		if err := os.Mkdir(filepath.Join(a.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	a.Args = args
	a.Env = []string{"PATH=/usr/bin:/bin"}
	a.Root = []sandbox.Layer{{Upper: a.upper()}}
	if r.Kind() == "namespaces" {
		a.Root = []sandbox.Layer{{Lower: filepath.Join(a.dir, "lower"), Upper: a.upper(), Work: filepath.Join(a.dir, "work")}}
	}
	a.Tmp = filepath.Join(a.dir, "tmp")
	a.Network = true
	a.Stdout, a.Stderr = create(t, filepath.Join(a.dir, "stdout")), create(t, filepath.Join(a.dir, "stderr"))
	t.Cleanup(func() { unlock(a.dir) })
	return a
}

func (a *action) upper() string { return filepath.Join(a.dir, "upper") }

// unlock lets everybody into what the kernel leaves of an overlay.
func unlock(dir string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err == nil {
			os.Chmod(path, 0o755)
		}
		return nil
	})
}

// write makes an input.
func (a *action) write(t testing.TB, name, content string, mode os.FileMode) {
	t.Helper()
	root := a.upper()
	if a.Root[0].Lower != "" {
		root = a.Root[0].Lower
	}
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (a *action) read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(a.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// free fails when some process still holds a lock on a file that the action made.
func (a *action) free(t testing.TB, name string) {
	t.Helper()
	f, err := os.Open(filepath.Join(a.upper(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatal("a process of the action is still alive: ", err)
	}
}

func newRunner(t testing.TB, o sandbox.Options) sandbox.Runner {
	t.Helper()
	o.Scratch = t.TempDir()
	r, facts := sandbox.New(o)
	t.Cleanup(func() { r.Close() })
	if !o.Disable && !facts.Overlay {
		t.Skip("this machine has no namespaces with overlays: ", facts.Reason)
	}
	return r
}
