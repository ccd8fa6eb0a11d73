package aws

import (
	"context"

	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
	"github.com/bbf-build/bbf/tools/version"
)

// The types of Setup and Teardown are those of the package deploy, with somebody to tell what goes on.
type (
	SetupRequest struct {
		deploy.SetupRequest
		Progress progress.Func
	}
	TeardownRequest struct {
		deploy.TeardownRequest
		Progress progress.Func
	}
	SetupResult    = deploy.SetupResult
	TeardownResult = deploy.TeardownResult
)

// Setup makes or changes what the cluster consists of, and remembers where its manager is and what was deployed.
func (c *Cluster) Setup(ctx context.Context, r SetupRequest) (SetupResult, error) {
	d, err := c.deployer(ctx, r.Progress, version.Version)
	if err != nil {
		return SetupResult{}, refusal.Explain(err)
	}
	r.Seen = c.recall().Seen
	res, err := d.Setup(ctx, r.SetupRequest)
	if err != nil {
		return res, refusal.Explain(err)
	}
	return res, c.remember(func(m *memory) { m.address, m.Seen = address{res.ManagerStack, res.FunctionURL}, res.Digest })
}

// Teardown removes what Setup made.
func (c *Cluster) Teardown(ctx context.Context, r TeardownRequest) (TeardownResult, error) {
	d, err := c.deployer(ctx, r.Progress, version.Version)
	if err != nil {
		return TeardownResult{}, refusal.Explain(err)
	}
	res, err := d.Teardown(ctx, r.TeardownRequest)
	if err != nil {
		return res, refusal.Explain(err)
	}
	return res, c.forget()
}
