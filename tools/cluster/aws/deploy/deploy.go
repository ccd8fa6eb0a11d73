// Package deploy makes everything that a cluster consists of, changes it, and removes it again: the bucket, the manager's code, the four
// stacks and the deployed configuration. Setup and Teardown look at what there is each time and do what is missing, so both may be
// interrupted at any moment and run again.
package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// Deployer deploys one cluster.
type Deployer struct {
	Config   *schema.Config // with its defaults filled in
	Version  string         // of bbf
	Caller   Caller
	Stacks   *stacks.Client
	Bucket   *bucket.Bucket
	ECS      ECS
	Logs     Logs
	Progress progress.Func
}

// Caller is whose credentials are used.
type Caller struct {
	ARN       string `json:"arn"`
	AccountID string `json:"accountId"`
}

// STS is what is called of STS. The SDK's client is one.
type STS interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// Identify asks AWS who calls.
func Identify(ctx context.Context, api STS) (Caller, error) {
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, fmt.Errorf("asking AWS who you are: %w", err)
	}
	return Caller{ARN: aws.ToString(out.Arn), AccountID: aws.ToString(out.Account)}, nil
}

func (d *Deployer) step(name, state, detail string) {
	d.Progress.Tell(progress.KindStep, name, state, detail)
}

// stack is a stack of the cluster as the package stacks wants it. Only the deletion of infra is guarded: it takes the images with it, and
// nothing else can go before the others have.
func stack(s cloudformation.Stack) stacks.Stack {
	return stacks.Stack{Name: s.Name, Template: s.Template, Parameters: s.Parameters, Capabilities: s.Capabilities, Tags: s.Tags,
		Protected: s.Kind == cloudformation.KindInfra}
}
