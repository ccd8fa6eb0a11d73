//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	sdkconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/config"
	"github.com/bbf-build/bbf/tools/workspace"
)

// here is what every verb works on.
type here struct {
	workspace workspace.Workspace
	config    *schema.Config
	sdk       sdk.Config
	cluster   *aws.Cluster
}

// find reads bbf.yaml of the workspace that the user is in. Credentials come from wherever the SDK finds them: environment, profiles, SSO,
// assumed roles, containers, OIDC.
func find(ctx context.Context) (here, error) {
	w, err := cli.FindWorkspace()
	if err != nil {
		return here{}, err
	}
	c, err := config.Load(w.Root)
	switch {
	case err != nil:
		return here{}, cluster.WithNext(err, "mend "+config.File+"; docs/config.md has every key")
	case c == nil:
		return here{}, cluster.WithNext(fmt.Errorf("%s has no %s, which describes a cluster on AWS", w.Root, config.File),
			"write one: docs/aws.md begins with the shortest; or build on this machine: bazel run @bbf//:up")
	case c.Backend != schema.BackendAWS:
		return here{}, cluster.WithNext(errors.New(config.File+" says `backend: "+c.Backend+"`, and this is a verb for clusters on AWS"),
			"write `backend: aws` into it; docs/aws.md has an example")
	}
	cfg, err := sdkconfig.LoadDefaultConfig(ctx, sdkconfig.WithRegion(c.AWS.Region))
	if err != nil {
		return here{}, cluster.WithNext(fmt.Errorf("the AWS configuration of this machine: %w", err), "aws configure list")
	}
	return here{w, c, cfg, aws.New(ctx, c, w.Root, cfg)}, nil
}
