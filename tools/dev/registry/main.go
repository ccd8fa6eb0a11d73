// Registry lays out a file registry for Bazel's module system, for machines that reach the registries of Debian and of Go but not
// Bazel's own. tools/dev/bazel runs it and passes --registry=file://OUT.
//
//	registry OUT SHARE [MODULE.bazel ...]
//
// rules_go and gazelle come through the Go module proxy, whose module archives hold the whole repositories; the other rules
// from Debian's bazel-* packages under SHARE (their usr/share/bazel). There is one tree of each module, and it is
// served as whatever version the given MODULE.bazel files, and the modules behind them, ask for: which version
// would be selected is not tested by such a registry.
//
// Running it again adds what further MODULE.bazel files need and leaves the rest alone.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: registry OUT SHARE [MODULE.bazel ...]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}

func run(out, share string, moduleFiles []string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(out, "src"), 0o755); err != nil {
		return err
	}
	trees, err := debianTrees(share)
	if err != nil {
		return err
	}
	for _, p := range proxied {
		if trees[p.name], err = p.fetch(filepath.Join(out, "src")); err != nil {
			return fmt.Errorf("module %s: %w", p.name, err)
		}
	}
	l := layout{out: out, trees: trees}
	l.need(dep{"platforms", "0.0.7"}) // asked for by Bazel itself, not by a MODULE.bazel
	for _, path := range append(moduleFiles, filepath.Join(share, "embedded_tools", "MODULE.bazel")) {
		deps, err := depsOfFile(path)
		if err != nil {
			return err
		}
		for _, d := range deps {
			l.need(d)
		}
	}
	return l.write()
}
