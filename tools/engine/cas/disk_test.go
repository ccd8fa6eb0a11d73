package cas_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/digest"
	"google.golang.org/grpc/codes"
)

// mount mounts a small tmpfs for the time of a test, which is skipped where that is not possible.
func mount(t testing.TB, size string) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("SKIPPED: mounting a small disk takes root on Linux")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: a small disk can't be mounted: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// otherFileSystem is a folder on another file system than dir.
func otherFileSystem(t testing.TB, dir string) string {
	t.Helper()
	probe := filepath.Join(dir, "probe")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(probe)
	other, err := os.MkdirTemp("/dev/shm", "")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(other) })
		if err = os.Link(probe, filepath.Join(other, "probe")); err != nil {
			return other
		}
	}
	return mount(t, "1m")
}

func TestFullDisk(t *testing.T) {
	disk := mount(t, "8m")
	s := open(t, filepath.Join(disk, "cache"), 1<<30)
	kept := put(t, s, "kept")
	ballast := filepath.Join(disk, "ballast")
	full := make([]byte, 16<<20)
	rand.Read(full)
	os.WriteFile(ballast, full, 0o600) // until nothing more fits

	data := full[:1<<20]
	refused := func(t *testing.T, err error) {
		t.Helper()
		hasCode(t, err, codes.ResourceExhausted)
		if !strings.Contains(err.Error(), s.Dir()) || !strings.Contains(err.Error(), "free some space") {
			t.Fatalf("it doesn't say where and what to do: %v", err)
		}
		empty(t, s)
		if s.Has(digest.Of(data)) || !s.Has(kept) {
			t.Fatal("the store is not what it was")
		}
	}
	upload := func() error {
		u, err := s.Create(digest.Of(data))
		if err != nil {
			return err
		}
		defer u.Abort()
		if _, err := u.Write(data); err != nil {
			return err
		}
		return u.Commit()
	}
	t.Run("WhenPutting", func(t *testing.T) {
		_, err := s.Put(data)
		refused(t, err)
	})
	t.Run("WhenUploading", func(t *testing.T) { refused(t, upload()) })
	t.Run("WhenAdopting", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Adopt(path)
		refused(t, err)
	})
	t.Run("WhenLinkingPlain", func(t *testing.T) {
		refused(t, s.Link(kept, filepath.Join(disk, "f"), false))
	})
	t.Run("WhenThereIsSpaceAgain", func(t *testing.T) {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if err := upload(); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Read(digest.Of(data)); err != nil || !bytes.Equal(got, data) {
			t.Fatal(err)
		}
		if err := s.Link(kept, filepath.Join(disk, "f"), false); err != nil {
			t.Fatal(err)
		}
	})
}
