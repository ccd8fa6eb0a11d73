//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/workspace"
)

// FindWorkspace returns the workspace that the user is in.
func FindWorkspace() (workspace.Workspace, error) {
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
