package deploy

import (
	"context"
)

// TeardownRequest is how much to remove.
type TeardownRequest struct {
	Purge   bool                      // the bucket and the logs too
	Confirm func(*TeardownPlan) error // asked once, when there is something to remove; its error is Teardown's. nil agrees
}

// TeardownResult is what is left.
type TeardownResult struct {
	Cluster string  `json:"cluster"`
	Gone    []Thing `json:"gone"`
	Stays   []Thing `json:"stays"`
}

// Teardown undoes Setup.
func (d *Deployer) Teardown(ctx context.Context, r TeardownRequest) (TeardownResult, error) {
	res := TeardownResult{Cluster: d.Config.Cluster, Gone: []Thing{}, Stays: []Thing{}}
	plan, err := d.teardownPlan(ctx, r.Purge)
	if err != nil {
		return res, err
	}
	if len(plan.Goes) > 0 && r.Confirm != nil {
		if err := r.Confirm(plan); err != nil {
			return res, err
		}
	}
	if err := d.stop(ctx, plan.Running); err != nil {
		return res, again(err)
	}
	kept, err := d.deleteStacks(ctx, plan.stacks)
	if err != nil {
		return res, again(err)
	}
	res.Gone, res.Stays = plan.Goes, append(plan.Stays, kept...)
	return res, again(d.forget(ctx, r.Purge, &res))
}

func (d *Deployer) deleteStacks(ctx context.Context, names []string) ([]Thing, error) {
	var left []Thing
	for _, name := range names {
		kept, err := d.Stacks.Delete(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, k := range kept {
			left = append(left, Thing{k.Type, name + "/" + k.Resource, "can't be deleted: " + k.Reason})
		}
	}
	return left, nil
}

// forget removes what says that the cluster is there, or everything with purge.
func (d *Deployer) forget(ctx context.Context, purge bool, res *TeardownResult) error {
	b, err := d.Bucket.Look(ctx)
	if err != nil {
		return err
	}
	if !purge {
		if !b.Exists {
			return nil
		}
		return d.Bucket.Forget(ctx)
	}
	d.step("bucket", "emptied", d.Bucket.Name)
	gone, err := d.Bucket.Purge(ctx)
	if err != nil {
		return err
	}
	if !gone {
		res.Stays = append(res.Stays, Thing{"bucket", d.Bucket.Name, "has other things in it"})
	}
	return d.deleteLogGroup(ctx) // the manager's own group goes with its stack
}
