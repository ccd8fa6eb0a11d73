package main

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// writeJar makes a jar with a manifest.
func writeJar(t *testing.T, path, manifest string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	w, err := z.Create("META-INF/MANIFEST.MF")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, manifest)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWriteClassPath(t *testing.T) {
	root, lib := t.TempDir(), t.TempDir()
	java := filepath.Join(root, "usr/share/java")
	writeJar(t, filepath.Join(java, "a.jar"), "Manifest-Version: 1.0\r\nClass-Path: b.ja\r\n r /usr/share/java/netty-all.jar gone.jar\r\n")
	writeJar(t, filepath.Join(java, "b.jar"), "Class-Path: /usr/share/java/a.jar\n")
	writeJar(t, filepath.Join(java, "netty-all.jar"), "\n")
	writeJar(t, filepath.Join(lib, "netty-all-4.jar"), "\n")
	listing := filepath.Join(root, "usr/share/bazel/bazel_classpath_debian_depends.txt")
	if err := os.MkdirAll(filepath.Dir(listing), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(listing, []byte("/usr/share/java/a.jar\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeClassPath(root, lib); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(listing)
	if err != nil {
		t.Fatal(err)
	}
	want := java + "/a.jar\n" + java + "/b.jar\n" + lib + "/netty-all-4.jar\n"
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
