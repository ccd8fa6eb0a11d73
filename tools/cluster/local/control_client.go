package local

import (
	"context"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/engine"
)

// Control asks a running engine things over its control socket.
type Control struct{ client *daemon.Client }

// NewControl returns a client; it doesn't connect yet.
func NewControl(socket string) *Control {
	return &Control{daemon.Daemon{Name: "engine", Control: socket}.Client()}
}

// Gone reports whether an error of Control means that nobody listens, rather than that somebody answers badly.
func Gone(err error) bool { return daemon.Gone(err) }

// Status returns what the engine says of itself.
func (c *Control) Status(ctx context.Context) (engine.Status, error) {
	var s engine.Status
	return s, c.client.Get(ctx, "/status", &s)
}

// Register hides a workspace from all actions, now and after a restart.
func (c *Control) Register(ctx context.Context, root string) error {
	return c.client.Post(ctx, "/workspaces", registration{Path: root}, nil)
}
