//go:build unix

// Command aws is bbf for workspaces whose bbf.yaml says `backend: aws`: the same verbs for a team's cluster on AWS, and those that only
// such a cluster has. It is a program of its own, so that users of the local backend don't compile the AWS SDK.
//
//	bbf setup     make, once per team, what the cluster consists of, or change it; costs next to nothing while the cluster is down
//	bbf images    make the images of the cluster's tasks and push them, without Docker
//	bbf up        bring the cluster up; then: bazel build --config=bbf //...
//	bbf status    what runs, since when, who brought it up and what it costs
//	bbf down      fewer workers, or nothing at all
//	bbf doctor    look for everything that usually goes wrong
//	bbf ci        let a CI service's jobs use the cluster, and write its workflow
//	bbf teardown  undo setup
//
// Each verb is a target too: bazel run @bbf//:up.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/bbf/cli"
)

func main() {
	verbs := []*cobra.Command{newSetup(), newImages(), newUp(), newStatus(), newDown(), newDoctor(), newCI(), newTeardown()}
	os.Exit(cli.Run(verbs, os.Args[1:], os.Stdout, os.Stderr))
}
