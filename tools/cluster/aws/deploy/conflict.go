package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/bbf-build/bbf/infra/manager/access"
	"github.com/bbf-build/bbf/tools/cluster"
)

// meant says whether who differs from what is deployed knows it, and so wants to change it: this workspace deployed it, or saw it when its own
// bbf.yaml said the same. A workspace that has seen nothing yet may change what the same person has deployed elsewhere; a person is a user,
// or all who share a role.
func (d *Deployer) meant(there *Deployed, seen string) bool {
	if seen != "" {
		return seen == there.Digest
	}
	return access.Person(there.By) == access.Person(d.Caller.ARN)
}

// conflict is the refusal to overwrite what somebody has deployed without this workspace knowing.
func conflict(there *Deployed, differ []Difference, seen string) error {
	since := ""
	if seen != "" {
		since = ", after this workspace was last in step with it"
	}
	return cluster.WithNext(fmt.Errorf("bbf.yaml differs from what %s deployed on %s%s: %s", there.By, Day(there.At), since, list(differ)),
		"get their bbf.yaml (git pull), or deploy yours over it: "+cluster.Command("setup", "--force"))
}

// unchanged makes sure that nobody has deployed something else since there was read, while somebody thought about the plan, and returns
// what is to be replaced now.
func (d *Deployer) unchanged(ctx context.Context, there *Deployed) (*Deployed, error) {
	now, err := ReadDeployed(ctx, d.Bucket)
	switch {
	case err != nil:
		return nil, err
	case now == nil && there == nil, now != nil && there != nil && now.etag == there.etag:
		return now, nil
	case now == nil:
		return nil, cluster.WithNext(errors.New("somebody has torn the cluster down meanwhile"), "run the same command again, if it is to be there after all")
	}
	differ, err := Differences(d.Config, &now.Config)
	if err == nil && len(differ) > 0 {
		err = cluster.WithNext(fmt.Errorf("%s has deployed something else meanwhile, so nothing was changed: %s", now.By, list(differ)),
			"get their bbf.yaml (git pull), or deploy yours over it: "+cluster.Command("setup", "--force"))
	}
	return now, err
}

// overtaken says what comes of a setup during which another one has ended. When both meant the same, it is well, and the other's record stays.
func (d *Deployer) overtaken(ctx context.Context) (string, error) {
	now, err := ReadDeployed(ctx, d.Bucket)
	if err != nil {
		return "", err
	}
	if now == nil {
		return "", cluster.WithNext(errors.New("somebody has torn the cluster down at the same time"), "run the same command again, if it is to be there after all")
	}
	differ, err := Differences(d.Config, &now.Config)
	if err != nil || len(differ) == 0 {
		return now.Digest, err
	}
	return "", cluster.WithNext(fmt.Errorf("%s has set the cluster up at the same time, from another bbf.yaml, and some of it may be theirs now, some yours: %s", now.By, list(differ)),
		"agree on one bbf.yaml, then "+cluster.Command("setup", "--force"))
}
