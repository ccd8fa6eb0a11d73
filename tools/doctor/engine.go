package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/version"
	"github.com/bbf-build/bbf/tools/workspace"
)

func engineAlive(_ context.Context, p Patient) Finding {
	up := cluster.Command("up")
	switch {
	case p.Status.Problem != "":
		return fail(p.Status.Problem, up)
	case !p.up() && workspace.EndpointOf(p.rc()) != "":
		return fail("it is down, but the workspace's rc points to it: builds run locally, saying that it can't be reached", up)
	case !p.up():
		return warn("it is down", up)
	case version.Newer(version.Version, p.Status.Version):
		return warn(fmt.Sprintf("it is %s, older than this bbf (%s)", p.Status.Version, version.Version), up)
	}
	return ok(fmt.Sprintf("%s runs, pid %d", p.Status.Version, p.Status.PID))
}

var engineDown = warn("not checked: the engine is down", cluster.Command("up"))

func socketsPrivate(_ context.Context, p Patient) Finding {
	if !p.up() {
		return engineDown
	}
	if err := p.Paths.CheckPrivate(); err != nil {
		return fail(err.Error(), cluster.Command("down")+", then "+cluster.Command("up"))
	}
	if p.Status.Listen != "" {
		return warn("only you can reach the sockets, but every user of this machine can reach "+p.Status.Listen, cluster.Command("down")+", then "+cluster.Command("up")+" without --listen, where other users aren't trusted")
	}
	return ok("only you can reach them, in " + p.Paths.Sockets)
}

func probeRuns(ctx context.Context, p Patient) Finding {
	if !p.up() {
		return engineDown
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	r, err := p.Backend.Probe(ctx)
	if err != nil {
		return fail(err.Error(), "look into "+p.Paths.Log()+"; then "+cluster.Command("down")+" and "+cluster.Command("up"))
	}
	return ok(fmt.Sprintf("executed by %s in %v", r.Worker, r.Took.Round(time.Millisecond)))
}
