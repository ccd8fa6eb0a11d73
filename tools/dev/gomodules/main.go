// Gomodules writes what Bazel needs to know of the Go modules in go.mod, in three places: the repositories with their packages
// (rules/private/go_modules.bzl), their import paths for gazelle (rules/private/go_modules.WORKSPACE) and the names that
// MODULE.bazel imports. Run it from the root of the repository after changing go.mod or what is imported from other
// modules; with -check it changes nothing and fails where something would change.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	check := flag.Bool("check", false, "change nothing, fail when a file is out of date")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "gomodules:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	modules, err := readModules("go.mod", "go.sum")
	if err != nil {
		return err
	}
	if err := addPackages(modules); err != nil {
		return err
	}
	moduleBazel, err := os.ReadFile("MODULE.bazel")
	if err != nil {
		return err
	}
	moduleBazel, err = withImports(moduleBazel, modules)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path    string
		content []byte
	}{
		{"rules/private/go_modules.bzl", repositories(modules)},
		{"rules/private/go_modules.WORKSPACE", importPaths(modules)},
		{"MODULE.bazel", moduleBazel},
	} {
		old, err := os.ReadFile(file.path)
		if err == nil && bytes.Equal(old, file.content) {
			continue
		}
		if check {
			return fmt.Errorf("%s does not follow from go.mod and the imports: run go run ./tools/dev/gomodules", file.path)
		}
		if err := os.WriteFile(file.path, file.content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// module is one module that go.mod requires.
type module struct {
	Path, Version string
	Indirect      bool
	Sum           string         // go.sum's h1: hash of the whole module
	Packages      map[string]pkg // by folder, "" for the module's own; only the needed ones
}

// repository is the name of the module's Bazel repository: gazelle's usual one (the host reversed, then the path) behind
// "bbf_", so that it meets no repository of the workspace that bbf is used in.
func (m module) repository() string {
	host, path, _ := strings.Cut(m.Path, "/")
	labels := strings.Split(host, ".")
	name := "bbf"
	for i := len(labels) - 1; i >= 0; i-- {
		name += "_" + labels[i]
	}
	if path != "" {
		name += "_" + path
	}
	return strings.NewReplacer("/", "_", "-", "_", ".", "_").Replace(strings.ToLower(name))
}
