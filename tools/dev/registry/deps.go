package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// dep is what one bazel_dep asks for.
type dep struct{ name, version string }

var (
	comment    = regexp.MustCompile(`(?m)^\s*#.*$`)
	callOfDep  = regexp.MustCompile(`(?s)\bbazel_dep\s*\((.*?)\)`)
	nameArg    = regexp.MustCompile(`\bname\s*=\s*"([^"]*)"`)
	versionArg = regexp.MustCompile(`\bversion\s*=\s*"([^"]*)"`)
	devArg     = regexp.MustCompile(`\bdev_dependency\s*=\s*True`)
	includeOf  = regexp.MustCompile(`\binclude\s*\(\s*"//([^":]*):([^"]*)"\s*\)`)
	pathOf     = regexp.MustCompile(`(?s)\blocal_path_override\s*\([^)]*?\bpath\s*=\s*"([^"]*)"`)
)

// depsIn returns the bazel_deps with a version in the text of a MODULE.bazel. Development dependencies count in root modules only.
func depsIn(text string, root bool) []dep {
	var deps []dep
	for _, call := range callOfDep.FindAllStringSubmatch(comment.ReplaceAllString(text, ""), -1) {
		name, version := nameArg.FindStringSubmatch(call[1]), versionArg.FindStringSubmatch(call[1])
		if name == nil || version == nil || version[1] == "" || devArg.MatchString(call[1]) && !root {
			continue
		}
		deps = append(deps, dep{name[1], version[1]})
	}
	return deps
}

// depsOfFile reads a root module: the file, the segments that it includes and the modules that it overrides with a local path.
func depsOfFile(path string) ([]dep, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text := comment.ReplaceAllString(string(data), "")
	deps := depsIn(text, true)
	dir := filepath.Dir(path)
	for _, m := range includeOf.FindAllStringSubmatch(text, -1) {
		segment, err := os.ReadFile(filepath.Join(dir, m[1], m[2]))
		if err != nil {
			return nil, err
		}
		deps = append(deps, depsIn(string(segment), true)...)
	}
	for _, m := range pathOf.FindAllStringSubmatch(text, -1) {
		local := m[1]
		if !filepath.IsAbs(local) {
			local = filepath.Join(dir, local)
		}
		module, err := os.ReadFile(filepath.Join(local, "MODULE.bazel"))
		if os.IsNotExist(err) {
			continue // Bazel says so better
		}
		if err != nil {
			return nil, err
		}
		deps = append(deps, depsIn(string(module), false)...)
	}
	return deps, nil
}

var (
	moduleCall   = regexp.MustCompile(`(?ms)^module\((.*?)^?\)`)
	moduleName   = regexp.MustCompile(`\bname\s*=`)
	versionField = regexp.MustCompile(`(?s)\s*\bversion\s*=\s*"[^"]*"\s*,?([^\n]*)`)
)

// stamped returns the text of a MODULE.bazel with the version written in, which a registry's copy must carry.
func stamped(text, version string) string {
	at := moduleCall.FindStringSubmatchIndex(text)
	if at == nil || !moduleName.MatchString(text[at[2]:at[3]]) {
		return text
	}
	args := versionField.ReplaceAllString(text[at[2]:at[3]], "$1")
	args = strings.TrimRight(strings.TrimSpace(comment.ReplaceAllString(args, "")), ",")
	return text[:at[0]] + "module(\n    " + args + ",\n    version = \"" + version + "\",\n)" + text[at[1]:]
}
