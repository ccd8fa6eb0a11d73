package agent

import (
	"context"
	"errors"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// Status asks the agent. The error is ErrDown when there is none.
func (c *Control) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.paths.daemon().Client().Get(ctx, "/status", &s)
	if err != nil && daemon.Gone(err) {
		return s, &down{err}
	}
	return s, err
}

// ErrDown says that no agent runs.
var ErrDown = errors.New("no agent runs")

type down struct{ error }

func (d *down) Is(target error) bool { return target == ErrDown }
func (d *down) Unwrap() error        { return d.error }
