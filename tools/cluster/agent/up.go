package agent

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/daemon"
	"github.com/bbf-build/bbf/tools/version"
)

// Control starts the user's agent, asks it things, and stops it.
type Control struct {
	paths Paths
	exe   string // the program that has the verb `agent`
}

// NewControl is for the agent at these paths, to be started from the running program itself.
func NewControl(p Paths) (*Control, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding bbf's own program: %w", err)
	}
	return &Control{p, exe}, nil
}

// UpRequest is a workspace that is to build with a cluster.
type UpRequest struct {
	Cluster   access.Cluster
	Workspace string // root
	Progress  cluster.Progress
	// Commit, when set, is called once the socket is there and before any other Up or Down may begin.
	Commit func(UpResult) error
}

// UpResult is what there is now.
type UpResult struct {
	Endpoint string   // the socket, as --remote_executor takes it
	Started  bool     // the agent, by this call
	Notes    []string // what the user should know
}

// Up starts the agent, or joins the one that runs, and has it open the cluster's socket. The credentials are those of the environment.
func (c *Control) Up(ctx context.Context, r UpRequest) (UpResult, error) {
	var res UpResult
	if err := c.paths.Prepare(); err != nil {
		return res, err
	}
	d := c.paths.daemon()
	release, err := d.Exclusive(ctx, r.Progress)
	if err != nil {
		return res, err
	}
	defer release()
	if err := c.ensure(ctx, r, &res); err != nil {
		return res, err
	}
	var registered Registered
	err = d.Client().Post(ctx, "/clusters", Registration{Cluster: r.Cluster, Environment: access.EnvironmentOf(os.Environ()), Workspaces: []string{r.Workspace}}, &registered)
	if err == nil {
		res.Endpoint = registered.Endpoint
		if r.Commit != nil {
			err = r.Commit(res)
		}
	}
	if err != nil && res.Started { // nothing half-made stays
		if _, e := d.Stop(context.WithoutCancel(ctx), r.Progress); e != nil {
			r.Progress("the agent was not stopped: " + e.Error())
		}
	}
	return res, err
}

// ensure sees to it that an agent answers that isn't older than this program.
func (c *Control) ensure(ctx context.Context, r UpRequest, res *UpResult) error {
	d := c.paths.daemon()
	s, err := c.appears(ctx)
	switch {
	case err == nil && version.Newer(version.Version, s.Version) && s.Connections() > 0:
		res.Notes = append(res.Notes, fmt.Sprintf("the agent is %s, older than this bbf (%s), and in use: run `%s` again when no build runs to replace it", s.Version, version.Version, cluster.Command("up")))
		return nil
	case err == nil && version.Newer(version.Version, s.Version):
		r.Progress(fmt.Sprintf("restarting the agent: it is %s, this bbf is %s", s.Version, version.Version))
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !daemon.Gone(err):
		pid, _ := d.Holder()
		return cluster.WithNext(fmt.Errorf("an agent is there (pid %d) and doesn't answer: %w", pid, err), fmt.Sprintf("kill %d, then %s", pid, cluster.Command("up")))
	}
	// One that lives and can't be reached (its socket was removed) is in the way of a new one.
	if _, err := d.Stop(ctx, r.Progress); err != nil {
		return err
	}
	r.Progress("starting the agent")
	command := daemon.Command{Exe: c.exe, Args: []string{"agent"}, Env: daemon.Environment(os.Environ(), environment...)}
	if err := d.Start(ctx, command, &s); err != nil {
		return err
	}
	res.Started = true
	return nil
}

// environment is what the agent reads besides what every daemon does: how to get out to AWS, and how its hints name commands. The variables
// AWS_… come with each Registration.
var environment = []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "BUILD_WORKSPACE_DIRECTORY"}

// appears gives an agent that holds the lock but doesn't answer yet the time to do so: somebody may just have started it by hand.
func (c *Control) appears(ctx context.Context) (Status, error) {
	for tick := daemon.NewTicks(); ; {
		s, err := c.Status(ctx)
		if err == nil || !daemon.Gone(err) || tick.Passed() > 5*time.Second {
			return s, err
		}
		if _, held := c.paths.daemon().Holder(); !held {
			return s, err
		}
		if err := tick.Wait(ctx); err != nil {
			return s, err
		}
	}
}
