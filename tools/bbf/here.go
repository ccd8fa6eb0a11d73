//go:build unix

package main

import (
	"os"

	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/local"
)

// findBackend returns the backend of a workspace, and where its engine lives.
func findBackend() (*local.Backend, local.Paths, error) {
	if w, err := cli.FindWorkspace(); err == nil {
		if err := cluster.CheckConfig(w.Root); err != nil {
			return nil, local.Paths{}, err
		}
	}
	p, err := local.FindPaths(os.Getenv)
	if err != nil {
		return nil, p, err
	}
	b, err := local.New(p)
	return b, p, err
}
