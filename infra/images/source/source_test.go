package source_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/bbf-build/bbf/infra/images/imagetest"
	"github.com/bbf-build/bbf/infra/images/source"
)

var (
	amd64 = v1.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = v1.Platform{OS: "linux", Architecture: "arm64"}
)

func image(t *testing.T, architecture string) v1.Image {
	return imagetest.Image(t, architecture, v1.Config{}, imagetest.Layer(t, imagetest.File("which", architecture)))
}

// both is an index with something in it that isn't for a machine at all, as build tools put their attestations.
func both(t *testing.T) v1.ImageIndex {
	return mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: image(t, "unknown"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}}},
		mutate.IndexAddendum{Add: image(t, "amd64"), Descriptor: v1.Descriptor{Platform: &amd64}},
		mutate.IndexAddendum{Add: image(t, "arm64"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}}})
}

func finder(t *testing.T) *source.Finder {
	return &source.Finder{Work: t.TempDir(), Cache: filepath.Join(t.TempDir(), "layers"),
		Registry: func(_ context.Context, reference string) (name.Reference, []remote.Option, error) {
			ref, err := name.ParseReference(reference)
			return ref, nil, err
		}}
}

// which tells the image by what is in it.
func which(t *testing.T, image *source.Image) string {
	t.Helper()
	if err := validate.Image(image); err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	r, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	archive := tar.NewReader(r)
	if _, err := archive.Next(); err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(archive)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// serve starts a registry, and counts the layers that are fetched from it.
func serve(t *testing.T) (host string, fetched *atomic.Int64) {
	fetched = new(atomic.Int64)
	r := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet && strings.Contains(req.URL.Path, "/blobs/") {
			fetched.Add(1)
		}
		r.ServeHTTP(w, req)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), fetched
}

func parse(t *testing.T, reference string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// kept are the kinds of sources with one image in them, or one for each architecture.
func kept(t *testing.T) map[string]string {
	host, _ := serve(t)
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(remote.Write(parse(t, host+"/one:1"), image(t, "amd64")))
	must(remote.WriteIndex(parse(t, host+"/both:1"), both(t)))
	one, err := layout.Write(filepath.Join(dir, "one"), empty.Index)
	must(err)
	must(one.AppendImage(image(t, "amd64")))
	two, err := layout.Write(filepath.Join(dir, "two"), empty.Index)
	must(err)
	must(two.AppendIndex(both(t)))
	must(tarball.WriteToFile(filepath.Join(dir, "docker.tar"), parse(t, "a:1"), image(t, "amd64")))
	zip(t, filepath.Join(dir, "docker.tar"), filepath.Join(dir, "docker.tar.gz"))
	archive(t, filepath.Join(dir, "two"), filepath.Join(dir, "two.tar"))
	return map[string]string{
		"Registry": host + "/one:1", "RegistryBoth": host + "/both:1", "Layout": "oci:" + filepath.Join(dir, "one"), "LayoutBoth": "oci:" + filepath.Join(dir, "two"),
		"Docker": "tar:" + filepath.Join(dir, "docker.tar"), "DockerZipped": "tar:" + filepath.Join(dir, "docker.tar.gz"), "ArchiveBoth": "tar:" + filepath.Join(dir, "two.tar"),
	}
}

func zip(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), os.WriteFile(to, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// archive makes a tar file of a folder, with a name in it that leads out of it.
func archive(t *testing.T, dir, to string) {
	t.Helper()
	entries := []imagetest.Entry{imagetest.File("../escaped", "x"), imagetest.Symlink("blobs/sha256/"+strings.Repeat("a", 64), "/etc/passwd")}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, p))
		entries = append(entries, imagetest.File("./"+p, string(data)))
		return err
	})
	if err := errors.Join(err, os.WriteFile(to, imagetest.Tar(t, entries...), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	for kind, reference := range kept(t) {
		t.Run(kind, func(t *testing.T) {
			f := finder(t)
			found, err := f.Find(t.Context(), reference, amd64)
			if err != nil {
				t.Fatal(err)
			}
			if got := which(t, found); got != "amd64" {
				t.Errorf("found %s", got)
			}
			if digest, err := found.Image.Digest(); err != nil || digest != found.ID {
				t.Errorf("%s, %v", digest, err)
			}
			found, err = f.Find(t.Context(), reference, arm64)
			if strings.HasSuffix(kind, "Both") {
				if err != nil || which(t, found) != "arm64" {
					t.Errorf("for arm64: %v", err)
				}
			} else if err == nil || !strings.Contains(err.Error(), "for linux/amd64") && !strings.Contains(err.Error(), "only for: linux/amd64") {
				t.Errorf("for arm64: %v", err)
			}
			if entries, err := os.ReadDir(filepath.Dir(f.Work)); err != nil {
				t.Error(err)
			} else {
				for _, e := range entries {
					if e.Name() == "escaped" {
						t.Error("a file of an archive lies outside of the work folder")
					}
				}
			}
		})
	}
}

func TestFindIsTheSameEachTime(t *testing.T) {
	for kind, reference := range kept(t) {
		first, err := finder(t).Find(t.Context(), reference, amd64)
		if err != nil {
			t.Fatal(err)
		}
		again, err := finder(t).Find(t.Context(), reference, amd64)
		if err != nil || first.ID != again.ID {
			t.Errorf("%s: %s, then %s, %v", kind, first.ID, again.ID, err)
		}
	}
}

func TestFindInALayoutByDigest(t *testing.T) {
	dir := strings.TrimPrefix(kept(t)["LayoutBoth"], "oci:")
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	found, err := finder(t).Find(t.Context(), "oci:"+dir+"@"+manifest.Manifests[0].Digest.String(), arm64)
	if err != nil || which(t, found) != "arm64" {
		t.Error(err)
	}
	if _, err := finder(t).Find(t.Context(), "oci:"+dir+"@sha256:"+strings.Repeat("0", 64), arm64); err == nil || !strings.Contains(err.Error(), "names no sha256:000") {
		t.Error(err)
	}
}

func TestALayerIsFetchedOnce(t *testing.T) {
	host, fetched := serve(t)
	if err := remote.Write(parse(t, host+"/one:1"), image(t, "amd64")); err != nil {
		t.Fatal(err)
	}
	f := finder(t)
	var bytes atomic.Int64
	f.Fetched = func(_ string, n int64) { bytes.Add(n) }
	for i, want := range []int64{2, 1, 1} { // the configuration is fetched each time
		fetched.Store(0)
		found, err := f.Find(t.Context(), host+"/one:1", amd64)
		if err != nil || which(t, found) != "amd64" {
			t.Fatal(err)
		}
		if got := fetched.Load(); got != want {
			t.Errorf("time %d: %d blobs were fetched", i, got)
		}
	}
	layers, err := image(t, "amd64").Layers()
	if err != nil {
		t.Fatal(err)
	}
	if size, err := layers[0].Size(); err != nil || bytes.Load() != size {
		t.Errorf("told of %d bytes of %d", bytes.Load(), size)
	}
}

func TestSourcesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte("this is no tar file"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "other.tar"), imagetest.Tar(t, imagetest.File("a", "1")), 0o644); err != nil {
		t.Fatal(err)
	}
	host, _ := serve(t)
	for reference, says := range map[string]string{
		"oci:" + dir:                "it is no OCI layout",
		"tar:" + dir + "/text":      "no tar file",
		"tar:" + dir + "/other.tar": "neither an OCI archive nor of `docker save`",
		"tar:" + dir + "/gone":      "no such file",
		host + "/gone:1":            "NAME_UNKNOWN",
		"not a reference":           "could not parse reference",
	} {
		if _, err := finder(t).Find(t.Context(), reference, amd64); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), reference) {
			t.Errorf("%s: %v", reference, err)
		}
	}
}
