package deploy

import (
	"context"
	"fmt"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// Thing is something that goes or stays.
type Thing struct {
	Kind   string `json:"kind"` // stack, bucket, objects, "log group", or a resource type of CloudFormation
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"`
}

// TeardownPlan is what Teardown will do.
type TeardownPlan struct {
	Cluster   string         `json:"cluster"`
	AccountID string         `json:"accountId"`
	Region    string         `json:"region"`
	Running   map[string]int `json:"running"` // tasks that are to run now, by service
	Goes      []Thing        `json:"goes"`
	Stays     []Thing        `json:"stays"`

	stacks []string // in the order that they are deleted
}

func (d *Deployer) teardownPlan(ctx context.Context, purge bool) (*TeardownPlan, error) {
	running, err := d.running(ctx)
	if err != nil {
		return nil, err
	}
	p := &TeardownPlan{Cluster: d.Config.Cluster, AccountID: d.Caller.AccountID, Region: d.Config.AWS.Region, Running: running, Goes: []Thing{}, Stays: []Thing{}}
	s := d.Config.AWS.Stacks
	all := []string{s.Workers, s.Server, s.Manager, s.Infra}
	for _, provider := range []string{cloudformation.GitHub, cloudformation.GitLab, cloudformation.Buildkite} {
		all = append([]string{cloudformation.CIStackName(d.Config, provider)}, all...) // before the manager's, which they import from
	}
	for _, name := range all {
		d.Progress.Tell(progress.KindStep, "plan", "looking", name)
		state, err := d.Stacks.Wait(ctx, name)
		if err != nil {
			return nil, err
		}
		if state.ID == "" {
			continue
		}
		p.stacks = append(p.stacks, name)
		p.Goes = append(p.Goes, Thing{"stack", name, d.contents(state)})
	}
	return p, d.planStorage(ctx, p, purge)
}

func (d *Deployer) contents(s stacks.State) string {
	if s.Name == d.Config.AWS.Stacks.Infra {
		return fmt.Sprintf("with the images in the repositories bbf/%s/*", d.Config.Cluster)
	}
	return ""
}

func (d *Deployer) planStorage(ctx context.Context, p *TeardownPlan, purge bool) error {
	b, err := d.Bucket.Look(ctx)
	if err != nil {
		return err
	}
	logs, err := d.hasLogGroup(ctx)
	if err != nil {
		return err
	}
	var things []Thing
	switch {
	case b.Exists && b.Ours:
		things = append(things, Thing{"bucket", d.Bucket.Name, "with all versions of everything in it"})
	case b.Exists:
		things = append(things, Thing{"objects", "s3://" + d.Bucket.Name + "/" + d.Bucket.Prefix(), "in all versions; other things in the bucket stay"})
	}
	if logs {
		things = append(things, Thing{"log group", d.Config.AWS.LogGroup, ""})
	}
	if purge {
		p.Goes = append(p.Goes, things...)
	} else {
		p.Stays = append(p.Stays, things...)
	}
	return nil
}
