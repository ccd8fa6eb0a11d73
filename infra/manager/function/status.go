package function

import (
	"context"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/schema"
)

// remember is for how long a status is told with what was last read or written of the state, which spares who polls a call each time.
const remember = 30 * time.Second

// fargateDisk is what a task has, in GiB, that doesn't ask for more.
const fargateDisk = 20

func (f *Function) status(ctx context.Context, r *request) (any, error) {
	tasks := false
	switch v := r.query["tasks"]; v {
	case "", "false":
	case "true":
		tasks = true
	default:
		return nil, bad("tasks: is %q, and has to be true or false", v)
	}
	now, err := f.Fleet.Services(ctx)
	if err != nil {
		return nil, err
	}
	up, err := f.Store.Up(ctx, remember)
	if err != nil {
		return nil, err
	}
	s, err := f.Fleet.Status(ctx, now, fleet.Question{Tasks: tasks, Since: up.At, Now: f.Now()})
	if err != nil {
		return nil, err
	}
	return f.complete(s, now, up, r), nil
}

// complete adds what doesn't come from ECS.
func (f *Function) complete(s api.Status, now *fleet.Services, up state.Up, r *request) api.Status {
	s.Cluster, s.Caller = f.Cluster, r.caller
	if now.Wanted() && !up.At.IsZero() {
		s.Since, s.By = &up.At, up.By
	}
	c := r.deployed.Config
	size(&s.Server, c.Server.CPU, c.Server.Memory, fargateDisk, schema.Workers{})
	size(&s.Workers, c.Workers.CPU, c.Workers.Memory, c.Workers.Disk, c.Workers)
	return s
}

func size(s *api.Service, cpu float64, memory, disk int, w schema.Workers) {
	s.CPU, s.Memory, s.Disk, s.Spot = cpu, memory, disk, w.Spot
}
