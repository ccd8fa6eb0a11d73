package function

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/schema"
)

// An up that finds another one at work waits for it, but not for ever: that one may have been killed.
const (
	lease = 3 * time.Second // within which an up has changed the counts after it has written the state
	tries = 9               // to find it done, a third of a second apart
)

// up makes a cluster wanted. Of many at once one brings it up from zero: who writes the state first. The others see that it has been written
// a moment ago, or fail to write it themselves, and look again until the counts have changed too.
func (f *Function) up(ctx context.Context, r *request) (any, error) {
	var in api.UpRequest
	if err := decode(r.body, &in); err != nil {
		return nil, err
	}
	if in.Force {
		if err := r.need(api.RoleAdmin); err != nil {
			return nil, err
		}
	}
	workers := r.deployed.Config.Workers
	if n := in.Workers; n != nil && (*n < workers.Min || *n > workers.Max) {
		return nil, bad("workers: %d asked for; bbf.yaml allows %d to %d", *n, workers.Min, workers.Max)
	}
	for try := 1; ; try++ {
		before, err := f.Store.Up(ctx, 0)
		if err != nil {
			return nil, err
		}
		now, err := f.Fleet.Services(ctx)
		if err != nil {
			return nil, err
		}
		next := f.next(before, now, r.caller.ARN, count(in, now, before, workers))
		won, err := f.claim(ctx, before, next, now, try)
		if err != nil {
			return nil, err
		}
		if !won && !inEffect(before, now) && try < tries {
			if err := f.Sleep(ctx, 250*time.Millisecond+rand.N(150*time.Millisecond)); err != nil {
				return nil, err
			}
			continue
		}
		err = f.Fleet.Up(ctx, now, fleet.Want{
			Workers:   next.Workers,
			Retention: r.deployed.Config.AWS.LogRetention,
			// From zero a new deployment costs nothing: ECS then looks up what the images' tags mean now, and stops trying when
			// tasks fail again and again. When it has stopped, nothing but a new deployment makes it try again.
			Redeploy: func(s *fleet.Service) bool { return in.Force || won && (s.DesiredCount == 0 || s.Failed()) },
		})
		if err != nil {
			return nil, err
		}
		s := f.Fleet.Summary(now, next.At)
		if s.State == api.StateUp {
			// Nobody has to wait, so it is worth a look for the endpoint.
			if s, err = f.Fleet.Status(ctx, now, fleet.Question{Since: next.At, Now: f.Now()}); err != nil {
				return nil, err
			}
		}
		return f.complete(s, now, next, r), nil
	}
}

// claim writes the state, unless another up seems to be at work.
func (f *Function) claim(ctx context.Context, before, next state.Up, now *fleet.Services, try int) (bool, error) {
	if !inEffect(before, now) && next.Asked.Sub(before.Asked) < lease && try < tries {
		return false, nil
	}
	return f.Store.Claim(ctx, next)
}

// inEffect says that what was asked for last is wanted of ECS: the server, and workers if any.
func inEffect(before state.Up, now *fleet.Services) bool {
	return now.Server.DesiredCount > 0 && (now.Workers.DesiredCount > 0 || before.Workers == 0)
}

// next is the state to be written before anything is changed, so that the tick doesn't take it for something left over.
func (f *Function) next(before state.Up, now *fleet.Services, by string, workers int) state.Up {
	asked := f.Now().UTC()
	if now.Server.DesiredCount == 0 || before.At.IsZero() {
		return state.Up{At: asked, By: by, Workers: workers, Asked: asked}
	}
	return state.Up{At: before.At, By: before.By, Workers: workers, Asked: asked}
}

// count is how many workers are to run: as many as asked for; else as many as do, or as somebody asked for a moment ago; else the default.
func count(in api.UpRequest, now *fleet.Services, before state.Up, bounds schema.Workers) int {
	n := bounds.Default
	switch {
	case in.Workers != nil:
		return *in.Workers
	case now.Server.DesiredCount == 0: // from zero
	case now.Workers.DesiredCount > 0:
		n = int(now.Workers.DesiredCount)
	case before.Workers > 0:
		n = before.Workers
	}
	return min(max(n, bounds.Min), bounds.Max)
}
