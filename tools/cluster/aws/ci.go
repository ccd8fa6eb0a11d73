package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	templates "github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// CIRequest says whose jobs may use the cluster.
type CIRequest struct {
	Jobs     templates.CI
	Confirm  func(*stacks.Plan) error // asked when there is something to change; its error is CI's. nil agrees
	Progress progress.Func
}

// CI makes or changes the stack that lets a CI service's jobs in, and returns the ARN of the role that they get.
func (c *Cluster) CI(ctx context.Context, r CIRequest) (role string, err error) {
	role, err = c.ci(ctx, r)
	return role, refusal.Explain(err)
}

func (c *Cluster) ci(ctx context.Context, r CIRequest) (string, error) {
	client := c.stacks(r.Progress)
	want, plan, err := c.planCI(ctx, client, r)
	if err != nil {
		return "", err
	}
	defer func() { client.Discard(ctx, plan) }()
	if plan.Action != stacks.ActionNone && r.Confirm != nil {
		if err := r.Confirm(plan); err != nil {
			return "", err
		}
	}
	if plan.Removes != "" {
		// The failed stack may take the identity provider with it, so what is there is looked at again.
		if err := client.Clear(ctx, plan); err != nil {
			return "", err
		}
		if want, plan, err = c.planCI(ctx, client, r); err != nil {
			return "", err
		}
	}
	now, err := client.Apply(ctx, want, plan)
	return now.Outputs["RoleArn"], err
}

func (c *Cluster) planCI(ctx context.Context, client *stacks.Client, r CIRequest) (want stacks.Stack, plan *stacks.Plan, err error) {
	before, err := client.Settle(ctx, templates.CIStackName(c.config, r.Jobs.Provider))
	if err != nil {
		return want, nil, err
	}
	// A provider that this stack has made is there too, but the stack goes on having it.
	made := before.Exists() && !before.Failed() && before.Parameters["ProviderExists"] == "false" && before.Parameters["Issuer"] == r.Jobs.Issuer()
	if !made {
		if r.Jobs.ProviderExists, err = c.trusts(ctx, r.Jobs.Issuer()); err != nil {
			return want, nil, err
		}
	}
	s, err := r.Jobs.Stack(c.config)
	if err != nil {
		return want, nil, cluster.WithNext(err, cluster.Command("ci", "--help"))
	}
	want = stacks.Stack{Name: s.Name, Template: s.Template, Parameters: s.Parameters, Capabilities: s.Capabilities, Tags: s.Tags}
	plan, err = client.Plan(ctx, want)
	return want, plan, err
}

// trusts says whether the account has an identity provider for an issuer: it can't have two.
func (c *Cluster) trusts(ctx context.Context, issuer string) (bool, error) {
	who, err := deploy.Identify(ctx, sts.NewFromConfig(c.aws))
	if err != nil {
		return false, err
	}
	arn := fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", templates.Partition(c.config.AWS.Region), who.AccountID, issuer)
	_, err = iam.NewFromConfig(c.aws).GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	if errors.As(err, new(*types.NoSuchEntityException)) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the identity provider %s: %w", issuer, err)
	}
	return true, nil
}
