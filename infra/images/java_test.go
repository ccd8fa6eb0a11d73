//go:build linux

package images_test

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/bbf-build/bbf/infra/images/imagetest"
)

// TestTheJavaThatWasTakenRuns takes this machine's Java, which Debian spreads over several folders, out of an image, and starts it in a
// root file system that has nothing but what the worker's image has.
func TestTheJavaThatWasTakenRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 300 MB through an image")
	}
	java, err := exec.LookPath("java")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("this needs a Java to take, and root to change the root folder")
	}
	if java, err = filepath.EvalSymlinks(java); err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(filepath.Dir(java))
	m, notes := maker(t)
	server := sourceOf(t, "server:1", imagetest.Image(t, "amd64", v1.Config{Env: []string{"JAVA_HOME=" + home}}, plain(t, ofMachine(t, home, "/etc/ssl/certs/java"))))
	base := baseImage(t, append(libraries(t, java, home), shell...)...)
	image, err := m.MakeWorker(t.Context(), base, workerImage(t), server)
	if err != nil {
		t.Fatal(err)
	}
	if len(*notes) != 0 {
		t.Errorf("%q", *notes)
	}
	root := t.TempDir()
	unpack(t, image, root)
	proc := filepath.Join(root, "proc") // by which a loader knows where its program is
	if err := errors.Join(os.Mkdir(proc, 0o755), syscall.Mount("proc", proc, "proc", 0, "")); err != nil {
		t.Skip("no /proc can be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(proc, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	cmd := exec.Command("/opt/bbf/jre/bin/java", "-Xmx64m", "-XX:+UseSerialGC", "-XshowSettings:security", "-version")
	cmd.SysProcAttr, cmd.Dir, cmd.Env = &syscall.SysProcAttr{Chroot: root}, "/", []string{}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "SunJSSE") {
		t.Errorf("%v: %s", err, out)
	}

	// And in an image without its libraries nobody has to start it to know.
	_, err = m.MakeWorker(t.Context(), baseImage(t, shell...), workerImage(t), server)
	if err == nil || !strings.Contains(err.Error(), "image base:1 has no ") {
		t.Errorf("without libraries: %v", err)
	}
}

// plain is a layer that isn't compressed, which is quicker.
func plain(t *testing.T, entries []imagetest.Entry) v1.Layer {
	t.Helper()
	return static.NewLayer(imagetest.Tar(t, entries...), types.OCIUncompressedLayer)
}

// ofMachine are files of this machine, and what links among them lead to.
func ofMachine(t *testing.T, dirs ...string) (entries []imagetest.Entry) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(path, "/")
			if d.Type()&fs.ModeSymlink != 0 {
				target, err := os.Readlink(path)
				entries = append(entries, symlink(name, target))
				if real, realErr := filepath.EvalSymlinks(path); realErr == nil && !strings.HasPrefix(real, dir+"/") {
					entries = append(entries, ofMachine(t, real)...)
				}
				return err
			}
			if !d.Type().IsRegular() || strings.HasSuffix(name, ".jmod") || strings.HasSuffix(name, "src.zip") {
				return nil
			}
			data, err := os.ReadFile(path)
			entries = append(entries, file(name, string(data)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return entries
}

// libraries are what the loader of this machine takes from outside for a Java.
func libraries(t *testing.T, java, home string) (entries []imagetest.Entry) {
	t.Helper()
	paths := map[string]bool{}
	jvm, err := filepath.Glob(filepath.Join(home, "lib", "*", "libjvm.so"))
	if err != nil {
		t.Fatal(err)
	}
	rest, err := filepath.Glob(filepath.Join(home, "lib", "*.so"))
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range append(append([]string{java}, jvm...), rest...) {
		out, err := exec.Command("ldd", program).Output()
		if err != nil {
			t.Fatalf("ldd %s: %v", program, err)
		}
		for _, word := range strings.Fields(string(out)) {
			if strings.HasPrefix(word, "/") && !strings.HasPrefix(word, home) {
				paths[word] = true
			}
		}
	}
	for path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, file(strings.TrimPrefix(path, "/"), string(data)))
	}
	return entries
}

func unpack(t *testing.T, image v1.Image, root string) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		r, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for archive := tar.NewReader(r); ; {
			h, err := archive.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := place(filepath.Join(root, h.Name), h, archive); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func place(to string, h *tar.Header, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(to, 0o755)
	case tar.TypeSymlink:
		return os.Symlink(h.Linkname, to)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, h.FileInfo().Mode())
}
