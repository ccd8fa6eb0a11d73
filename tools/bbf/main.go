//go:build unix

// Command bbf is a build system for Bazel that needs no wrapper around Bazel.
//
//	bbf up        start what builds run on; then: bazel build --config=bbf //...
//	bbf status    what runs, since when, and what it does
//	bbf doctor    look for everything that usually goes wrong
//	bbf down      stop it; builds with the same --config run locally then
//
// Each verb is a target too: bazel run @bbf//:up. Results go to stdout, progress and errors to stderr; the exit code
// is 0 when the verb did what it says, 1 when it didn't, and 2 when it was called wrongly.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
)

func main() {
	verbs := []*cobra.Command{newUp(), newDown(), newStatus(), newDoctor(), newEngine()}
	os.Exit(cli.Run(verbs, os.Args[1:], os.Stdout, os.Stderr))
}
