package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
)

// platforms are the ones that bbf is built for.
var platforms = []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64"}

// pkg is a package of a module that the main module, or a test of it, imports somewhere along the way.
type pkg struct {
	Imports []string // other modules' packages and this one's, not the standard library's; on any platform
	Srcs    []string // its files, on any platform, without cgo
	Embeds  []string // files that it embeds
}

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, ForTest     string
	Imports, EmbedFiles     []string
	GoFiles, SFiles, HFiles []string
	Module                  *struct {
		Path string
		Main bool
	}
}

// addPackages finds the packages of each module that are needed, on all platforms together.
func addPackages(modules []module) error {
	byPath := map[string]*module{}
	for i := range modules {
		modules[i].Packages = map[string]pkg{}
		byPath[modules[i].Path] = &modules[i]
	}
	for _, platform := range platforms {
		packages, err := list(platform)
		if err != nil {
			return fmt.Errorf("packages for %s: %w", platform, err)
		}
		external := map[string]bool{}
		for _, p := range packages {
			external[p.ImportPath] = p.Module != nil && !p.Module.Main
		}
		for _, p := range packages {
			if !external[p.ImportPath] || p.ForTest != "" {
				continue
			}
			m := byPath[p.Module.Path]
			if m == nil {
				return fmt.Errorf("go.mod does not name %s, which is needed: run go mod tidy", p.Module.Path)
			}
			dir := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, m.Path), "/")
			known := m.Packages[dir]
			known.Imports = union(known.Imports, slices.DeleteFunc(p.Imports, func(i string) bool { return !external[i] }))
			known.Srcs = union(known.Srcs, slices.Concat(p.GoFiles, p.SFiles, p.HFiles))
			known.Embeds = union(known.Embeds, p.EmbedFiles)
			m.Packages[dir] = known
		}
	}
	return nil
}

// list returns the main module's packages and tests and everything that they import.
func list(platform string) ([]listed, error) {
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,ForTest,Imports,EmbedFiles,GoFiles,SFiles,HFiles,Module", "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var packages []listed
	for d := json.NewDecoder(stdout); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, cmd.Wait()
		}
		if err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			return nil, err
		}
		packages = append(packages, p)
	}
}

func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// libraryName is the name of a package's go_library, as gazelle's naming convention "import" has it.
func libraryName(importPath string) string {
	name := path.Base(importPath)
	if majorVersion.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	return name
}

// label returns the label of a package in the module that it belongs to, from any repository.
func label(modules []module, importPath string) string {
	var in module
	for _, m := range modules {
		if (importPath == m.Path || strings.HasPrefix(importPath, m.Path+"/")) && len(m.Path) > len(in.Path) {
			in = m
		}
	}
	dir, name := strings.TrimPrefix(strings.TrimPrefix(importPath, in.Path), "/"), libraryName(importPath)
	if path.Base(dir) == name {
		return "@" + in.repository() + "//" + dir
	}
	return "@" + in.repository() + "//" + dir + ":" + name
}
