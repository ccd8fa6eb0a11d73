// Package aws is the team's cluster on AWS, seen from a user's machine. Setup and Teardown make and remove what it consists of (see deploy);
// Up, Status and Down ask its manager, a Lambda behind a Function URL, and need no right but to call it.
package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	templates "github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// Name of the backend, as in bbf.yaml.
const Name = schema.BackendAWS

// Event is one change of state of what a request brings about.
type Event = progress.Event

// Cluster is one cluster, whether it is there or not.
type Cluster struct {
	config *schema.Config
	root   string // of the workspace
	aws    aws.Config
}

// attempts of one API call, with jitter between them; the SDK's three are few when several people set up in one account.
const attempts = 6

// New returns the cluster that the configuration describes. It has its defaults filled in; root is the workspace's, which remembers where the
// manager is. New makes no call.
func New(_ context.Context, config *schema.Config, root string, cfg aws.Config) *Cluster {
	cfg.Region = config.AWS.Region
	if cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = attempts
	}
	cfg.Logger = logging.Nop{} // what the SDK has to say besides errors is for its own developers
	return &Cluster{config, root, cfg}
}

func (c *Cluster) stacks(tell progress.Func) *stacks.Client {
	return &stacks.Client{API: cloudformation.NewFromConfig(c.aws), Progress: tell, Poll: second}
}

// Bucket is the cluster's. It checks that the bucket belongs to the account, when there is one given.
func (c *Cluster) Bucket(accountID string) *bucket.Bucket {
	return &bucket.Bucket{API: s3.NewFromConfig(c.aws), Name: c.config.AWS.Bucket, Region: c.config.AWS.Region,
		Partition: templates.Partition(c.config.AWS.Region), AccountID: accountID, Cluster: c.config.Cluster, Tags: c.config.AWS.Tags}
}

func (c *Cluster) deployer(ctx context.Context, tell progress.Func, version string) (*deploy.Deployer, error) {
	caller, err := deploy.Identify(ctx, sts.NewFromConfig(c.aws))
	if err != nil {
		return nil, err
	}
	return &deploy.Deployer{Config: c.config, Version: version, Caller: caller, Stacks: c.stacks(tell), Bucket: c.Bucket(caller.AccountID),
		ECS: ecs.NewFromConfig(c.aws), Logs: cloudwatchlogs.NewFromConfig(c.aws), Progress: tell}, nil
}
