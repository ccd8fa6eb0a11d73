package deploy

import (
	"context"
	"fmt"

	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// store makes the bucket and puts the manager's code into it.
func (d *Deployer) store(ctx context.Context, code []byte) error {
	d.step("bucket", "checked", d.Bucket.Name)
	if _, err := d.Bucket.Ensure(ctx); err != nil {
		return err
	}
	uploaded, err := d.Bucket.PutCode(ctx, code)
	if uploaded {
		d.step("manager", "uploaded", fmt.Sprintf("%.1f MiB", float64(len(code))/(1<<20)))
	}
	return err
}

// apply makes and changes the stacks in their order, once the failed ones are out of the way. A plan that was only an outline, or whose service
// meanwhile runs another number of tasks, is made anew first.
func (d *Deployer) apply(ctx context.Context, plan *Plan, want []stacks.Stack, res *SetupResult) error {
	for i := len(want) - 1; i >= 0; i-- { // the last first: it may use what the others have
		if err := d.Stacks.Clear(ctx, plan.Stacks[i]); err != nil {
			return err
		}
	}
	for i, s := range want {
		if err := d.refresh(ctx, plan, i, s); err != nil {
			return err
		}
		now, err := d.Stacks.Apply(ctx, s, plan.Stacks[i])
		if err != nil {
			return err
		}
		res.Stacks[s.Name] = plan.Stacks[i].Action
		if s.Name == d.Config.AWS.Stacks.Manager {
			res.FunctionURL, res.ManagerStack = now.Outputs["FunctionUrl"], now.ID
		}
	}
	return nil
}

func (d *Deployer) refresh(ctx context.Context, plan *Plan, i int, s stacks.Stack) error {
	stale := plan.Stacks[i].Outlined
	if service, is := d.service(s.Name); is && plan.Stacks[i].Action != stacks.ActionNone {
		running, err := d.running(ctx)
		if err != nil {
			return err
		}
		now := fmt.Sprint(running[service])
		stale = stale || now != s.Parameters[countParameter]
		s.Parameters[countParameter] = now
	}
	if !stale {
		return nil
	}
	d.Stacks.Discard(ctx, plan.Stacks[i])
	p, err := d.stackPlan(ctx, s)
	if err == nil {
		plan.Stacks[i] = p
	}
	return err
}

// service returns the service that a stack has.
func (d *Deployer) service(stack string) (string, bool) {
	name, is := map[string]string{d.Config.AWS.Stacks.Server: ServerService, d.Config.AWS.Stacks.Workers: WorkersService}[stack]
	return name, is
}
