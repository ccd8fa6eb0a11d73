package local

import (
	"context"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Down stops the engine, and empties the cache when asked to.
func (b *Backend) Down(ctx context.Context, r cluster.DownRequest) (cluster.DownResult, error) {
	res := cluster.DownResult{Endpoint: b.paths.Endpoint()}
	if !exists(b.paths.Cache) { // nothing was ever up, and looking shall leave nothing behind
		return res, commit(r, res)
	}
	if err := b.paths.Prepare(); err != nil {
		return res, err
	}
	release, err := b.paths.daemon().Exclusive(ctx, r.Progress)
	if err != nil {
		return res, err
	}
	defer release()
	if res.WasUp, err = b.stop(ctx, r); err != nil {
		return res, err
	}
	res.Workspaces = readWorkspaces(b.paths.workspaces())
	if r.Purge {
		r.Progress("emptying the cache")
		if res.Purged, err = b.paths.purge(ctx); err != nil {
			return res, err
		}
	}
	return res, commit(r, res)
}

func commit(r cluster.DownRequest, res cluster.DownResult) error {
	if r.Commit == nil {
		return nil
	}
	return r.Commit(res)
}

// stop ends the engine in whatever state it is, and reports whether there was one.
func (b *Backend) stop(ctx context.Context, r cluster.DownRequest) (was bool, err error) {
	return b.paths.daemon().Stop(ctx, r.Progress, b.paths.Engine())
}

// stopKnown is stop where there is nobody left to tell what goes wrong: the next `up` finds and mends it.
func (b *Backend) stopKnown(ctx context.Context, r cluster.DownRequest) {
	if _, err := b.stop(ctx, r); err != nil {
		r.Progress("the engine was not stopped: " + err.Error())
	}
}
