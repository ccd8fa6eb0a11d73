//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/local"
	"github.com/bbf-build/bbf/tools/workspace"
)

// findWorkspace returns the workspace that the user is in.
func findWorkspace() (workspace.Workspace, error) {
	dir, err := os.Getwd()
	if err != nil {
		return workspace.Workspace{}, fmt.Errorf("the working directory: %w", err)
	}
	w, err := workspace.Find(os.Getenv, dir)
	if errors.As(err, new(*workspace.NotFoundError)) {
		err = cluster.WithNext(err, "change into the workspace that you want to build, or make one: touch MODULE.bazel")
	}
	return w, err
}

// findBackend returns the backend of a workspace, and where its engine lives.
func findBackend() (*local.Backend, local.Paths, error) {
	p, err := local.FindPaths(os.Getenv)
	if err != nil {
		return nil, p, err
	}
	b, err := local.New(p)
	return b, p, err
}
