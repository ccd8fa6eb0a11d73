package deploy

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/manager/state"
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

// wanted returns the stacks as they are to be.
func (d *Deployer) wanted(ctx context.Context, codeKey string, commands map[string][]string) ([]stacks.Stack, error) {
	running, err := d.running(ctx)
	if err != nil {
		return nil, err
	}
	configDigest, err := digest(d.Config)
	if err != nil {
		return nil, err
	}
	kept, err := d.keptLogGroup(ctx)
	if err != nil {
		return nil, err
	}
	var want []stacks.Stack
	now := cloudformation.Deployment{AccountID: d.Caller.AccountID, CodeKey: codeKey, ConfigDigest: configDigest, LogGroupExists: kept,
		ServerDesired: running[ServerService], WorkersDesired: running[WorkersService], Commands: commands}
	for _, s := range cloudformation.Stacks(d.Config, now) {
		want = append(want, stack(s))
	}
	return want, nil
}

// keptLogGroup says whether the log group is there and isn't the infra stack's. A stack that has made it goes on having it.
func (d *Deployer) keptLogGroup(ctx context.Context) (bool, error) {
	s, err := d.Stacks.Settle(ctx, d.Config.AWS.Stacks.Infra)
	if err != nil {
		return false, err
	}
	if s.Exists() && s.Parameters["LogGroup"] == d.Config.AWS.LogGroup {
		return strconv.ParseBool(s.Parameters["LogGroupExists"])
	}
	return d.hasLogGroup(ctx)
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
func (p *Plan) compare(d *Deployer, there *state.Deployed) (err error) {
	if there == nil {
		return nil
	}
	p.DeployedBy, p.DeployedAt = there.By, &there.At
	p.Differences, err = Differences(d.Config, &there.Config)
	return err
}
