package aws

import (
	"fmt"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
)

// TaskStopped is the state that is told of a task that isn't there any more.
const TaskStopped = "stopped"

// show tells what has changed since the last time.
func (w *waiting) show(s api.Status) {
	w.service("server", s.Server)
	w.service("workers", s.Workers)
	there := map[string]bool{}
	for kind, service := range map[string]api.Service{"server": s.Server, "worker": s.Workers} {
		for _, t := range service.Tasks {
			name := kind + " " + t.ID[:min(8, len(t.ID))]
			there[name] = true
			w.once(progress.KindTask, name, t.State, t.Zone)
		}
	}
	if len(s.Server.Tasks)+len(s.Workers.Tasks) < s.Server.Running+s.Server.Pending+s.Workers.Running+s.Workers.Pending {
		return // not asked for, or there are so many that the manager hasn't looked at all
	}
	for name, state := range w.seen {
		if name != "server" && name != "workers" && !there[name] && state != TaskStopped {
			w.once(progress.KindTask, name, TaskStopped, "")
		}
	}
}

func (w *waiting) service(name string, s api.Service) {
	detail := ""
	if s.Pending > 0 {
		detail = fmt.Sprintf("%d on the way", s.Pending)
	}
	w.once(progress.KindService, name, fmt.Sprintf("%d of %d running", s.Running, s.Desired), detail)
}

func (w *waiting) once(kind, name, state, detail string) {
	if w.seen[name] != state {
		w.seen[name] = state
		w.tell.Tell(kind, name, state, detail)
	}
}
