package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// Plan is what Setup will do, to be confirmed.
type Plan struct {
	Cluster     string         `json:"cluster"`
	AccountID   string         `json:"accountId"`
	Region      string         `json:"region"`
	Bucket      string         `json:"bucket"`
	MakesBucket bool           `json:"makesBucket"`
	DeployedBy  string         `json:"deployedBy,omitempty"` // ARN of who deployed what is there
	DeployedAt  *time.Time     `json:"deployedAt,omitempty"`
	Differences []Difference   `json:"differences,omitempty"` // of bbf.yaml to that
	Stacks      []*stacks.Plan `json:"stacks"`
	Notes       []string       `json:"notes,omitempty"`
}

// Changes says whether there is anything to do.
func (p *Plan) Changes() bool {
	return p.MakesBucket || p.DeployedAt == nil || len(p.Differences) > 0 ||
		slices.ContainsFunc(p.Stacks, func(s *stacks.Plan) bool { return s.Action != stacks.ActionNone })
}

// noteRemovals says which failed stacks are in the way.
func (p *Plan) noteRemovals() {
	for _, s := range p.Stacks {
		if s.Removes != "" {
			p.Notes = append(p.Notes, fmt.Sprintf("removes the failed stack %s first, which is %s", s.Stack, s.Removes))
		}
	}
}

// stackPlans plans all stacks. The plans are to be applied or discarded, also those that come with an error.
func (d *Deployer) stackPlans(ctx context.Context, want []stacks.Stack) (plans []*stacks.Plan, err error) {
	for _, s := range want {
		d.step("plan", "asking CloudFormation what would change", s.Name)
		p, err := d.stackPlan(ctx, s)
		if errors.Is(err, stacks.ErrMissingExport) {
			// An earlier stack will export it. What the stack has is told already; Setup plans it again when its turn comes.
			p, err = stacks.Outline(s)
		}
		if err != nil {
			return plans, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// countParameter is how many tasks the service of a stack is to run.
const countParameter = "DesiredCount"

// stackPlan plans one stack. How many tasks run now is a parameter that has to be right when a service is changed, and is no reason to
// change it: bringing a cluster up makes no difference to its definition.
func (d *Deployer) stackPlan(ctx context.Context, s stacks.Stack) (*stacks.Plan, error) {
	p, err := d.Stacks.Plan(ctx, s)
	if err != nil || p.Action != stacks.ActionUpdate || p.Before.Parameters[countParameter] == s.Parameters[countParameter] {
		return p, err
	}
	same := s
	same.Parameters = maps.Clone(s.Parameters)
	same.Parameters[countParameter] = p.Before.Parameters[countParameter]
	q, err := d.Stacks.Plan(ctx, same)
	if err == nil && q.Action == stacks.ActionNone {
		d.Stacks.Discard(ctx, p)
		return q, nil
	}
	if err == nil {
		d.Stacks.Discard(ctx, q)
	}
	return p, err
}

func (d *Deployer) discard(ctx context.Context, plans []*stacks.Plan) {
	for _, p := range plans {
		d.Stacks.Discard(ctx, p)
	}
}

// renamed returns the difference that can't be deployed: stacks under other names would make the same roles and repositories again.
func renamed(differ []Difference) (Difference, bool) {
	i := slices.IndexFunc(differ, func(x Difference) bool { return strings.HasPrefix(x.Field, "aws.stacks.") })
	if i < 0 {
		return Difference{}, false
	}
	return differ[i], true
}

// compare fills in how the file differs from what is deployed.
func (p *Plan) compare(d *Deployer, there *Deployed) (err error) {
	if there == nil {
		return nil
	}
	p.DeployedBy, p.DeployedAt = there.By, &there.At
	p.Differences, err = Differences(d.Config, &there.Config)
	return err
}
