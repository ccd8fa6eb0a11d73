package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

// visit is one call of Reach.
type visit struct {
	server  *Server
	address string
	start   time.Time
	woken   bool
	looks   int
	last    api.Status
	refused time.Time // since when the address that the manager tells doesn't answer
}

// deaf is how many Paces a server that runs, as the manager says, may not answer: ECS takes a while to notice that a task is gone.
const deaf = 90

func (v *visit) run(ctx context.Context, try func(context.Context, string) error) error {
	s := v.server
	for {
		if v.address != "" {
			err := try(ctx, v.address)
			if err == nil || errors.As(err, new(*refuse.Refusal)) || ctx.Err() != nil {
				return err
			}
			s.Lost(v.address, err)
			if v.refused.IsZero() {
				v.refused = time.Now()
			}
			if time.Since(v.refused) > deaf*s.Pace {
				return cluster.WithNext(fmt.Errorf("the server of %s runs, as its manager says, but can't be reached at %s: %w", s.Cluster, v.address, err),
					"look whether a firewall between here and AWS lets port 8980 through; "+cluster.Command("status")+" shows the server")
			}
		}
		if err := v.look(ctx); err != nil {
			return err
		}
	}
}

// look asks the manager where the server is, and has it woken when it is nowhere.
func (v *visit) look(ctx context.Context) error {
	s := v.server
	if err := v.pause(ctx); err != nil {
		return err
	}
	start := time.Now()
	st, err := s.Ask(ctx)
	if err != nil {
		return refuse.Explain(s.Cluster, err)
	}
	v.last = st
	if a := s.Address(); a != v.address {
		v.address, v.refused = a, time.Time{}
	}
	switch st.State {
	case api.StateFailing:
		return failing(ctx, s, st)
	case api.StateDown, api.StateStopping:
		if v.woken {
			return cluster.WithNext(fmt.Errorf("somebody has taken the cluster %s down while this build waited for it", s.Cluster), cluster.Command("up"))
		}
		v.woken = true
		if _, err := s.wakes.get(ctx, start); err != nil {
			return refuse.Explain(s.Cluster, err)
		}
	}
	return nil
}

// pause makes the looks rarer the longer it takes, up to one in five Paces.
func (v *visit) pause(ctx context.Context) error {
	t := time.NewTimer(time.Duration(min(v.looks/5, 5)) * v.server.Pace)
	defer t.Stop()
	v.looks++
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

func (v *visit) tooLong() error {
	return cluster.WithNext(fmt.Errorf("after %s the cluster %s is still %s: %s", time.Since(v.start).Round(time.Second), v.server.Cluster, v.last.State, reason(v.last)),
		"it goes on starting: build again in a minute, or look with "+cluster.Command("status"))
}
