package local

import (
	"context"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/probe"
)

// Name is what cluster.json and the status call this backend.
const Name = "local"

// Backend is the engine of this user on this machine.
type Backend struct {
	paths Paths
	exe   string // the program that has the verb `engine`
}

var _ cluster.Backend = (*Backend)(nil)

// New returns the backend for the engine at these paths, to be started from the running program itself.
func New(p Paths) (*Backend, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding bbf's own program: %w", err)
	}
	return &Backend{paths: p, exe: exe}, nil
}

// Setup has nothing to do here.
func (b *Backend) Setup(context.Context) error { return nil }

// Teardown has nothing to do here.
func (b *Backend) Teardown(context.Context) error { return nil }

// Status says whether the engine runs and what it does. Whatever is wrong is part of the answer.
func (b *Backend) Status(ctx context.Context) (cluster.Status, error) {
	st := cluster.Status{State: cluster.StateDown, Backend: Name}
	s, err := NewControl(b.paths.Control()).Status(ctx)
	if err == nil {
		st.State, st.Status = cluster.StateUp, &s
		if _, err := os.Lstat(b.paths.Engine()); err != nil {
			st.Problem = fmt.Sprintf("the engine's socket is gone, so no build can reach it: %v", err)
		}
		return st, nil
	}
	if ctx.Err() != nil {
		return st, context.Cause(ctx)
	}
	pid, held := b.paths.daemon().Holder()
	switch {
	case held && Gone(err):
		st.Problem = fmt.Sprintf("an engine runs (pid %d) that can't be reached: %v", pid, err)
	case held:
		st.Problem = fmt.Sprintf("an engine runs (pid %d) that doesn't answer: %v", pid, err)
	case exists(b.paths.Control()):
		st.Problem = "the last engine ended without being asked to (killed, or the machine was restarted)"
	}
	return st, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Probe executes an action through the engine's socket.
func (b *Backend) Probe(ctx context.Context) (probe.Result, error) {
	conn, err := grpc.NewClient(b.paths.Endpoint(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return probe.Result{}, fmt.Errorf("dialling the engine: %w", err)
	}
	defer conn.Close()
	return probe.Run(ctx, conn)
}
