package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestDepsIn(t *testing.T) {
	const text = `
# bazel_dep(name = "commented", version = "1")
bazel_dep(name = "one", version = "1.0", repo_name = "uno")
bazel_dep(
    version = "2.0.bcr.1",
    name = "two",  # out of order
)
bazel_dep(name = "three", version = "3", dev_dependency = True)
bazel_dep(name = "local")
`
	for _, c := range []struct {
		root bool
		want string
	}{{true, "[{one 1.0} {two 2.0.bcr.1} {three 3}]"}, {false, "[{one 1.0} {two 2.0.bcr.1}]"}} {
		if got := fmt.Sprint(depsIn(text, c.root)); got != c.want {
			t.Errorf("root %v: got %s, want %s", c.root, got, c.want)
		}
	}
}

func TestDepsOfFile(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"root/MODULE.bazel":           "include(\"//deps:go.MODULE.bazel\")\nlocal_path_override(\n    module_name = \"a\",\n    path = \"../a\",\n)\n",
		"root/deps/go.MODULE.bazel":   `bazel_dep(name = "included", version = "1")`,
		"a/MODULE.bazel":              `bazel_dep(name = "behind", version = "2")` + "\n" + `bazel_dep(name = "dev", version = "3", dev_dependency = True)`,
		"unrelated/deep/MODULE.bazel": `bazel_dep(name = "unrelated", version = "4")`,
	} {
		if err := writeFile(filepath.Join(dir, path), text); err != nil {
			t.Fatal(err)
		}
	}
	deps, err := depsOfFile(filepath.Join(dir, "root", "MODULE.bazel"))
	if got, want := fmt.Sprint(deps), "[{included 1} {behind 2}]"; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if _, err := depsOfFile(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("got %v for a file that isn't there", err)
	}
}

func TestStamped(t *testing.T) {
	for text, want := range map[string]string{
		"module(name = \"x\", version = \"1\", compatibility_level = 1)\n":                                  "module(\n    name = \"x\", compatibility_level = 1,\n    version = \"9\",\n)\n",
		"module(\n    name = \"x\",\n    # a word on it\n    version = \"1\",  # stamped\n)\nbazel_dep()\n": "module(\n    name = \"x\",\n    version = \"9\",\n)\nbazel_dep()\n",
		"module(\n    name = \"x\",\n    repo_name = \"y\",\n)\n":                                           "module(\n    name = \"x\",\n    repo_name = \"y\",\n    version = \"9\",\n)\n",
		"bazel_dep(name = \"x\", version = \"1\")\n":                                                        "bazel_dep(name = \"x\", version = \"1\")\n",
	} {
		if got := stamped(text, "9"); got != want {
			t.Errorf("stamped(%q) = %q, want %q", text, got, want)
		}
	}
}
