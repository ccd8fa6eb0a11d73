package standin

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/bbf-build/bbf/infra/testing/awssim"
)

// Python returns the interpreter of the stand-in's virtual environment, which is made once a machine and kept.
// It skips the test where there is no python3, and under Bazel.
func Python(t testing.TB) string {
	t.Helper()
	if os.Getenv("TEST_SRCDIR") != "" {
		t.Skip("SKIPPED UNDER BAZEL: the tests that need the AWS stand-in compile programs and want a Python environment; `go test` runs them")
	}
	system, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: the AWS stand-in needs python3, and there is none in PATH")
	}
	if output(system, "-c", "import ensurepip, venv") != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: the AWS stand-in needs Python environments, which this python3 can't make; on Debian: apt-get install python3-venv")
	}
	requirements, err := fs.ReadFile(awssim.Sources, "requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cacheDir(), "bbf-dev", fmt.Sprintf("standin-%.6x", sha256.Sum256(requirements)))
	if err := makeEnvironment(system, dir, requirements); err != nil {
		t.Fatalf("make the stand-in's Python environment in %s: %v", dir, err)
	}
	return filepath.Join(dir, "bin", "python")
}

func cacheDir() string {
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return dir
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".cache")
	}
	return os.TempDir()
}

// makeEnvironment does nothing where a complete one is. Tests of several packages run at once, so it holds a lock.
func makeEnvironment(system, dir string, requirements []byte) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	complete, python := filepath.Join(dir, "complete"), filepath.Join(dir, "bin", "python")
	if exists(complete) && exists(python) {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil { // its making was interrupted, or its python3 was uninstalled
		return err
	}
	if err := output(system, "-m", "venv", dir); err != nil {
		return err
	}
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, requirements, 0o644); err != nil {
		return err
	}
	if err := output(python, "-m", "pip", "install", "--quiet", "-r", list); err != nil {
		return err
	}
	return os.WriteFile(complete, nil, 0o644)
}

// exists follows links.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func output(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return nil
}

// writeSources puts the Python package into dir/awssim.
func writeSources(dir string) error {
	return os.CopyFS(filepath.Join(dir, "awssim"), awssim.Sources)
}
