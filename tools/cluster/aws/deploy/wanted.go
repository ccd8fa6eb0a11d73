package deploy

import (
	"context"
	"strconv"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

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
	pushed, err := d.pushed(ctx)
	if err != nil {
		return nil, err
	}
	var want []stacks.Stack
	now := cloudformation.Deployment{AccountID: d.Caller.AccountID, CodeKey: codeKey, ConfigDigest: configDigest, LogGroupExists: kept, Pushed: pushed,
		ServerDesired: running[ServerService], WorkersDesired: running[WorkersService], Commands: commands}
	for _, s := range cloudformation.Stacks(d.Config, now) {
		want = append(want, stack(s))
	}
	return want, nil
}

// keptLogGroup says whether the log group is there and isn't the infra stack's. A stack that has made it goes on having it; a failed one leaves it.
func (d *Deployer) keptLogGroup(ctx context.Context) (bool, error) {
	s, err := d.Stacks.Settle(ctx, d.Config.AWS.Stacks.Infra)
	if err != nil {
		return false, err
	}
	if s.Exists() && !s.Failed() && s.Parameters["LogGroup"] == d.Config.AWS.LogGroup {
		return strconv.ParseBool(s.Parameters["LogGroupExists"])
	}
	return d.hasLogGroup(ctx)
}
