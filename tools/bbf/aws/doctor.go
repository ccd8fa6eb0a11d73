//go:build unix

package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/tools/bbf/cli"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/doctor"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	findings "github.com/bbf-build/bbf/tools/doctor"
)

const doctorLong = `Check everything that usually goes wrong: credentials, the clock, the region, quotas of Fargate, subnets and their way out, the stacks,
the bucket, the manager, and permissions that you lack. For whatever isn't well it says what to do. Nothing is changed. The
exit code is 1 when a check failed.`

func newDoctor() *cobra.Command {
	cmd := &cobra.Command{Use: "doctor", Short: "Look for everything that usually goes wrong", Long: doctorLong, Args: cli.NoArgs}
	output := cli.AddOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		h, err := find(cmd.Context())
		if err != nil {
			return err
		}
		return cli.Examine(cmd, output.JSON(), func(tell func(findings.Finding)) { doctor.Examine(cmd.Context(), patient(h), tell) })
	}
	return cmd
}

func patient(h here) doctor.Patient {
	api := cloudformation.NewFromConfig(h.sdk)
	client := &stacks.Client{API: api}
	return doctor.Patient{
		Config: h.config, STS: sts.NewFromConfig(h.sdk), Quotas: servicequotas.NewFromConfig(h.sdk), Network: ec2.New(h.sdk), IAM: iam.NewFromConfig(h.sdk),
		Stacks: client,
		Drift:  func(ctx context.Context, stack string) ([]stacks.Drift, error) { return client.Drift(ctx, api, stack) },
		Bucket: func(ctx context.Context, account string) (bucket.State, error) {
			return h.cluster.Bucket(account).Look(ctx)
		},
		Manager: h.cluster.Status,
		Now:     time.Now,
	}
}
