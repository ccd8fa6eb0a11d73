package function

import (
	"context"

	"github.com/bbf-build/bbf/infra/manager/api"
)

// down makes fewer workers wanted, or nothing at all. It never makes more wanted.
func (f *Function) down(ctx context.Context, r *request) (any, error) {
	var in api.DownRequest
	if err := decode(r.body, &in); err != nil {
		return nil, err
	}
	if in.To < 0 {
		return nil, bad("to: %d asked for; 0 is the fewest", in.To)
	}
	now, err := f.Fleet.Services(ctx)
	if err != nil {
		return nil, err
	}
	up, err := f.Store.Up(ctx, remember)
	if err != nil {
		return nil, err
	}
	if err := f.Fleet.Down(ctx, now, in.To); err != nil {
		return nil, err
	}
	return f.complete(f.Fleet.Summary(now, up.At), now, up, r), nil
}
