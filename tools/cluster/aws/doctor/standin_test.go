package doctor_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/doctor"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	base "github.com/bbf-build/bbf/tools/doctor"
)

// examine lets the doctor look at the stand-in with somebody's credentials.
func examine(t *testing.T, c *schema.Config, cfg aws.Config) map[string]base.Finding {
	t.Helper()
	cfg.RetryMaxAttempts = 1
	found := map[string]base.Finding{}
	calls := cfn.NewFromConfig(cfg)
	client := &stacks.Client{API: calls}
	doctor.Examine(t.Context(), doctor.Patient{
		Config: c, STS: sts.NewFromConfig(cfg), Quotas: servicequotas.NewFromConfig(cfg), Network: ec2.New(cfg), IAM: iam.NewFromConfig(cfg),
		Stacks: client, Drift: func(ctx context.Context, stack string) ([]stacks.Drift, error) {
			return client.Drift(ctx, calls, stack)
		},
		Bucket: func(ctx context.Context, account string) (bucket.State, error) {
			s3 := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
			return (&bucket.Bucket{API: s3, Name: c.AWS.Bucket, Region: cfg.Region, AccountID: account, Cluster: c.Cluster}).Look(ctx)
		},
		Manager: func(context.Context) (api.Status, error) { return api.Status{}, nil },
		Now:     time.Now,
	}, func(f base.Finding) { found[f.Check] = f })
	return found
}

func TestInTheStandIn(t *testing.T) {
	cloud := standin.Start(t, standin.Options{})
	c := &schema.Config{Cluster: "acme", AWS: schema.AWS{Region: cloud.Region, Bucket: "acme-builds"}}
	schema.Defaults(c)
	t.Run("WhenTheOperatorHasSetUpNothingYet", func(t *testing.T) {
		keys := cloud.User(t, "operator", string(cloudformation.Policy(cloudformation.PolicyOperator, c, cloud.AccountID)))
		found := examine(t, c, cloud.Config(keys))
		expect(t, found["credentials"], base.OK, ":user/operator", "")
		expect(t, found["clock"], base.OK, "agrees", "")
		expect(t, found["region"], base.OK, cloud.Region, "")
		expect(t, found["quota On-Demand"], base.Fail, "6 vCPU", "L-3032A538")
		expect(t, found["stacks"], base.Warn, "isn't set up", "setup")
		expect(t, found["drift"], base.Warn, "isn't set up", "setup")
		expect(t, found["bucket"], base.Warn, "isn't there", "setup")
		expect(t, found["subnets"], base.Warn, "none yet", "setup")
		expect(t, found["manager"], base.Warn, "not checked", "setup")
		// The rights to make stacks are in the other policy.
		expect(t, found["permissions"], base.Warn, "lack: ec2:AssociateRouteTable, ", "operator's policies")
	})
	t.Run("WhenTheCallerMayNothing", func(t *testing.T) {
		found := examine(t, c, cloud.Config(cloud.User(t, "nobody")))
		expect(t, found["credentials"], base.OK, ":user/nobody", "")
		for _, check := range []string{"region", "quota On-Demand", "stacks", "subnets", "permissions"} {
			expect(t, found[check], base.Warn, "not checked", "ask for")
		}
	})
	t.Run("WhenTheSecretIsWrong", func(t *testing.T) {
		keys := cloud.User(t, "forgetful")
		keys.SecretAccessKey = "wrong"
		found := examine(t, c, cloud.Config(keys))
		expect(t, found["credentials"], base.Fail, "secret access key", "aws configure")
		expect(t, found["clock"], base.OK, "agrees", "")
	})
}
