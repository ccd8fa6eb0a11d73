package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// installZstd puts the native library out of the zstd-jni jar where Bazel's server looks for it, and removes the jar: Debian's
// has the classes.
func installZstd(root, lib string) error {
	found, err := filepath.Glob(filepath.Join(lib, "zstd-jni-*.jar"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d zstd-jni jars in %s, want one", len(found), lib)
	}
	arch := map[string]string{"amd64": "amd64", "arm64": "aarch64"}[runtime.GOARCH]
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), "zstd-jni-"), ".jar")
	library, err := readFromZip(found[0], "linux/"+arch+"/libzstd-jni-"+version+".so")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "usr/share/bazel/libzstd-jni.so"), library, 0o644); err != nil {
		return err
	}
	return os.Remove(found[0])
}
