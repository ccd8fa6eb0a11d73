package deploy

import (
	"context"
	"fmt"

	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/tools/cluster"
)

// SetupRequest is how to set up.
type SetupRequest struct {
	Manager string                      // path of the manager's program, for Linux and the architecture of bbf.yaml
	Force   bool                        // deploy over what somebody else has deployed
	Seen    string                      // digest of what the workspace last deployed or was in step with; "" when it remembers nothing
	Check   func(context.Context) error // of what CloudFormation only finds out when it is too late; may be nil
	Confirm func(*Plan) error           // asked once, when there is something to change; its error is Setup's. nil agrees
	// Commands replace those of the containers, by name, for images that aren't Buildfarm's. For tests.
	Commands map[string][]string
}

// SetupResult is what is there now.
type SetupResult struct {
	Cluster      string            `json:"cluster"`
	AccountID    string            `json:"accountId"`
	Region       string            `json:"region"`
	Bucket       string            `json:"bucket"`
	Changed      bool              `json:"changed"` // by this call
	Stacks       map[string]string `json:"stacks"`  // by name, what was done: create, update or none
	FunctionURL  string            `json:"functionUrl"`
	ManagerStack string            `json:"managerStack"` // ID
	Digest       string            `json:"digest"`       // of the deployed configuration
	Notes        []string          `json:"notes"`
}

// Setup leads to the deployment that bbf.yaml describes, from whatever there is.
func (d *Deployer) Setup(ctx context.Context, r SetupRequest) (SetupResult, error) {
	res := SetupResult{Cluster: d.Config.Cluster, AccountID: d.Caller.AccountID, Region: d.Config.AWS.Region, Bucket: d.Config.AWS.Bucket,
		Stacks: map[string]string{}, Notes: []string{}}
	code, err := Code(r.Manager)
	if err != nil {
		return res, err
	}
	there, plan, err := d.look(ctx, r)
	if err != nil {
		return res, err
	}
	want, err := d.wanted(ctx, d.Bucket.CodeKey(code), r.Commands)
	if err != nil {
		return res, err
	}
	plan.Stacks, err = d.stackPlans(ctx, want)
	defer func() { d.discard(ctx, plan.Stacks) }()
	if err != nil {
		return res, err
	}
	res.Notes = append(res.Notes, plan.Notes...)
	plan.noteRemovals()
	if plan.Changes() && r.Confirm != nil {
		if err := r.Confirm(plan); err != nil {
			return res, err
		}
	}
	if plan.Changes() {
		if there, err = d.unchanged(ctx, there); err != nil {
			return res, err
		}
	}
	if err := d.store(ctx, code); err != nil {
		return res, again(err)
	}
	if err := d.apply(ctx, plan, want, &res); err != nil {
		return res, again(err)
	}
	if res.Changed = plan.Changes(); !res.Changed && there.Version == d.Version {
		res.Digest = there.Digest
		return res, nil
	}
	d.step("configuration", "stored", "s3://"+d.Bucket.Name+"/"+state.ConfigKey(d.Bucket.Cluster))
	res.Digest, err = d.record(ctx, there)
	return res, again(err)
}

// look finds out what is there, and refuses before anything is changed.
func (d *Deployer) look(ctx context.Context, r SetupRequest) (*Deployed, *Plan, error) {
	b, err := d.Bucket.Look(ctx)
	if err != nil {
		return nil, nil, err
	}
	plan := &Plan{Cluster: d.Config.Cluster, AccountID: d.Caller.AccountID, Region: d.Config.AWS.Region,
		Bucket: d.Bucket.Name, MakesBucket: !b.Exists, Notes: b.Notes}
	there, err := ReadDeployed(ctx, d.Bucket)
	if err != nil {
		return nil, nil, err
	}
	if err := plan.compare(d, there); err != nil {
		return nil, nil, err
	}
	if x, is := renamed(plan.Differences); is {
		return nil, nil, cluster.WithNext(fmt.Errorf("%s is %s here and %s in what is deployed: a stack can't be renamed", x.Field, x.Here, x.Deployed),
			"put the old name back, or take the old deployment down with it first: "+cluster.Command("teardown"))
	}
	if len(plan.Differences) > 0 && !r.Force && !d.meant(there, r.Seen) {
		return nil, nil, conflict(there, plan.Differences, r.Seen)
	}
	if r.Check != nil {
		return there, plan, r.Check(ctx)
	}
	return there, plan, nil
}
