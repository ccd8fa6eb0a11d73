package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// source is a module whose repository comes out of the Go module proxy.
type source struct {
	name, path, version string
	prepare             func(tree string) error
}

// The versions are the ones in the project's MODULE.bazel. Later ones want modules that can't be had this way.
var proxied = []source{
	{"rules_go", "github.com/bazelbuild/rules_go", "v0.60.0", useMachinesGo},
	{"gazelle", "github.com/bazelbuild/bazel-gazelle", "v0.47.0", vendor},
}

// fetch returns the tree of the module's repository under dir, made on first use.
func (s source) fetch(dir string) (string, error) {
	tree := filepath.Join(dir, s.name+"-"+s.version)
	if _, err := os.Stat(tree); err == nil {
		return tree, nil
	}
	// Outside any module, and with no flags of the caller's: what is downloaded depends on the version only.
	download := exec.Command("go", "mod", "download", "-json", s.path+"@"+s.version)
	download.Dir, download.Stderr = dir, os.Stderr
	download.Env = append(os.Environ(), "GOFLAGS=", "GO111MODULE=on", "GOWORK=off")
	out, err := download.Output()
	var result struct{ Dir, Error string }
	if json.Unmarshal(out, &result) == nil && result.Error != "" {
		return "", fmt.Errorf("downloading %s: %s", s.path, result.Error)
	}
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", s.path, err)
	}
	temp, err := os.MkdirTemp(dir, s.name+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return "", err
	}
	if err := copyTree(result.Dir, temp); err != nil {
		return "", err
	}
	if err := s.prepare(temp); err != nil {
		return "", err
	}
	return tree, os.Rename(temp, tree)
}

// copyTree copies a folder of the (read-only) module cache. Module archives carry no mode bits, so scripts get theirs back.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if strings.HasSuffix(path, ".sh") {
			mode = 0o755
		}
		return os.WriteFile(target, data, mode)
	})
}

// vendor gives gazelle the vendor folder that its own build wants and that the archive leaves out.
func vendor(tree string) error {
	cmd := exec.Command("go", "mod", "vendor", "-e")
	cmd.Dir = tree
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GO111MODULE=on", "GOWORK=off")
	// -e: some of its tests' imports can't be had; what gazelle itself needs can.
	out, err := cmd.CombinedOutput()
	if _, missing := os.Stat(filepath.Join(tree, "vendor", "modules.txt")); missing != nil {
		return fmt.Errorf("vendoring: %w: %s", err, out)
	}
	return nil
}
