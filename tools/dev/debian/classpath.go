package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// writeClassPath rewrites the list of jars that Bazel's server is started with: Debian's list and what the manifests of these jars
// name, moved under root, with the jars in lib instead of Debian's netty.
func writeClassPath(root, lib string) error {
	listing := filepath.Join(root, "usr/share/bazel/bazel_classpath_debian_depends.txt")
	data, err := os.ReadFile(listing)
	if err != nil {
		return err
	}
	var todo, jars []string
	for _, jar := range strings.Fields(string(data)) {
		todo = append(todo, root+jar)
	}
	seen := map[string]bool{}
	for len(todo) > 0 {
		jar := todo[0]
		todo = todo[1:]
		if seen[jar] || strings.Contains(jar, "/usr/share/java/netty-") {
			continue
		}
		seen[jar] = true
		if _, err := os.Stat(jar); err != nil {
			continue // an optional dependency that isn't unpacked
		}
		jars = append(jars, jar)
		further, err := manifestClassPath(jar)
		if err != nil {
			return err
		}
		for _, path := range further {
			if strings.HasPrefix(path, "/") {
				todo = append(todo, root+path)
			} else {
				todo = append(todo, filepath.Join(filepath.Dir(jar), path))
			}
		}
	}
	ours, err := filepath.Glob(filepath.Join(lib, "*.jar"))
	if err != nil {
		return err
	}
	return os.WriteFile(listing, []byte(strings.Join(append(jars, ours...), "\n")+"\n"), 0o644)
}

// manifestClassPath returns the Class-Path of a jar's manifest, whose long lines go on after "\n ".
func manifestClassPath(jar string) ([]string, error) {
	manifest, err := readFromZip(jar, "META-INF/MANIFEST.MF")
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(manifest), "\r\n", "\n"), "\n ", "")
	for line := range strings.Lines(text) {
		if path, found := strings.CutPrefix(line, "Class-Path: "); found {
			return strings.Fields(path), nil
		}
	}
	return nil, nil
}

// readFromZip returns a file of an archive.
func readFromZip(archive, name string) ([]byte, error) {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
