//go:build unix

package main

import (
	"os"

	"github.com/bbf-build/bbf/tools/cluster/local"
)

// findBackend returns the backend of a workspace, and where its engine lives.
func findBackend() (*local.Backend, local.Paths, error) {
	p, err := local.FindPaths(os.Getenv)
	if err != nil {
		return nil, p, err
	}
	b, err := local.New(p)
	return b, p, err
}
