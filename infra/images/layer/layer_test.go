package layer_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/bbf-build/bbf/infra/images/layer"
)

func text(s string) func() (io.Reader, error) {
	return func() (io.Reader, error) { return strings.NewReader(s), nil }
}

// some adds the same things in one order or the other.
func some(b *layer.Builder, backwards bool) *layer.Builder {
	steps := []func(){
		func() { b.File("/opt/bbf/jre/bin/java", 0o755, 3, text("elf")) },
		func() { b.Symlink("opt/bbf/link", "jre/bin/java") },
		func() { b.Directory("opt/bbf/tmp", 0o1777) },
		func() { b.File("opt/bbf/long/"+strings.Repeat("n", 150), 0o644, 1, text("x")) },
	}
	for i := range steps {
		if backwards {
			i = len(steps) - 1 - i
		}
		steps[i]()
	}
	return b
}

func write(t *testing.T, b *layer.Builder) v1.Layer {
	t.Helper()
	l, err := b.Write(t.TempDir(), types.OCILayer)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestTheSameFilesAreTheSameBytes has the digest in it: a change of the compression or of the tar would push every image anew, and two
// versions of bbf would not agree.
func TestTheSameFilesAreTheSameBytes(t *testing.T) {
	const want = "sha256:aa7f69bd359c877309fbf4507e2e2825fb238f35a0c0bc3a257fde834a42b614"
	for _, backwards := range []bool{false, true} {
		l := write(t, some(layer.New("opt/bbf"), backwards))
		if got, err := l.Digest(); err != nil || got.String() != want {
			t.Errorf("backwards %t: %s, %v", backwards, got, err)
		}
		if err := validate.Layer(l); err != nil {
			t.Error(err)
		}
	}
}

func TestEntries(t *testing.T) {
	for below, want := range map[string]string{
		"opt/bbf": "opt/bbf/ 755, opt/bbf/jre/ 755, opt/bbf/jre/bin/ 755, opt/bbf/jre/bin/java 755=elf, opt/bbf/link 777>jre/bin/java, opt/bbf/long/ 755, opt/bbf/long/nnn 644=x, opt/bbf/tmp/ 1777",
		"":        "opt/ 755, opt/bbf/ 755, opt/bbf/jre/ 755, opt/bbf/jre/bin/ 755, opt/bbf/jre/bin/java 755=elf, opt/bbf/link 777>jre/bin/java, opt/bbf/long/ 755, opt/bbf/long/nnn 644=x, opt/bbf/tmp/ 1777",
	} {
		r, err := write(t, some(layer.New(below), false)).Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var got []string
		for archive := tar.NewReader(r); ; {
			h, err := archive.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Uid != 0 || h.Gid != 0 || h.ModTime.Unix() != 0 || h.Uname+h.Gname != "" {
				t.Errorf("%s has an owner or a time: %+v", h.Name, h)
			}
			line := fmt.Sprintf("%s %o", strings.ReplaceAll(h.Name, strings.Repeat("n", 150), "nnn"), h.Mode)
			switch data, err := io.ReadAll(archive); {
			case err != nil:
				t.Fatal(err)
			case h.Linkname != "":
				line += ">" + h.Linkname
			case h.Typeflag == tar.TypeReg:
				line += "=" + string(data)
			}
			got = append(got, line)
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("below %q\ngot  %s\nwant %s", below, s, want)
		}
	}
}

func TestWhatCannotBe(t *testing.T) {
	for situation, b := range map[string]func(*layer.Builder){
		"WhenAFileIsInAFile":  func(b *layer.Builder) { b.File("a", 0o644, 1, text("x")); b.File("a/b", 0o644, 1, text("x")) },
		"WhenAFileIsTooShort": func(b *layer.Builder) { b.File("a", 0o644, 2, text("x")) },
		"WhenAFileIsTooLong":  func(b *layer.Builder) { b.File("a", 0o644, 1, text("xx")) },
		"WhenAFileCannotBeRead": func(b *layer.Builder) {
			b.File("a", 0o644, 1, func() (io.Reader, error) { return nil, os.ErrPermission })
		},
	} {
		t.Run(situation, func(t *testing.T) {
			builder := layer.New("")
			b(builder)
			if _, err := builder.Write(t.TempDir(), types.OCILayer); err == nil || !strings.HasPrefix(err.Error(), "a") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAHugeFileIsStreamed(t *testing.T) {
	const size = 300 << 20
	b := layer.New("")
	b.File("huge", 0o644, size, func() (io.Reader, error) { return io.LimitReader(zeros{}, size), nil })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	write(t, b)
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 20 {
		t.Errorf("300 MiB took %d MiB of memory", took)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestCompressReadsWhatItWrote(t *testing.T) {
	l, err := layer.Compress(t.TempDir(), strings.NewReader("a tar"), types.DockerLayer)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(z); err != nil || string(data) != "a tar" || !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("%q %v %v", data, err, z.Header)
	}
}
