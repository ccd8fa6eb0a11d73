//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// printPolicy prints one of the IAM policies that people need, for this cluster and account: whoever gives out permissions takes it from there.
func printPolicy(ctx context.Context, h here, kind, account string, stdout io.Writer) error {
	if !slices.Contains(cloudformation.PolicyKinds, cloudformation.PolicyKind(kind)) {
		return cli.Usage(fmt.Errorf("--policy=%s: the policies are %v", kind, cloudformation.PolicyKinds))
	}
	if account == "" {
		who, err := deploy.Identify(ctx, sts.NewFromConfig(h.sdk))
		if err != nil {
			return cluster.WithNext(refusal.Explain(err), "or say which account the cluster is in: --account=111122223333")
		}
		account = who.AccountID
	}
	_, err := stdout.Write(append(cloudformation.Policy(cloudformation.PolicyKind(kind), h.config, account), '\n'))
	return err
}
