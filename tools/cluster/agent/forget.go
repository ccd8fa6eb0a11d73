package agent

import (
	"context"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// Forget closes a cluster's socket, after the cluster was taken down, and returns the workspaces that have built with it. The agent ends with
// its last cluster.
func (c *Control) Forget(ctx context.Context, name string, progress cluster.Progress) (workspaces []string, err error) {
	if err := c.paths.Prepare(); err != nil {
		return nil, err
	}
	d := c.paths.daemon()
	release, err := d.Exclusive(ctx, progress)
	if err != nil {
		return nil, err
	}
	defer release()
	var f Forgotten
	switch err := d.Client().Post(ctx, "/forget", forget{name}, &f); {
	case err != nil && daemon.Gone(err):
		return c.paths.forget(name)
	case err != nil:
		return nil, err
	case f.Left == 0:
		_, err = d.Stop(ctx, progress)
		return f.Workspaces, err
	}
	return f.Workspaces, nil
}
