package deploy_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	templates "github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/progress"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
)

// rig is a cluster to be, in the stand-in.
type rig struct {
	*deploy.Deployer
	cloud   *standin.Cloud
	manager string
	events  []progress.Event
	plan    *deploy.Plan // that Setup asked about last
}

func newRig(t *testing.T) *rig {
	r := &rig{cloud: standin.Start(t, standin.Options{Images: map[string]standin.ImageCommand{"bbf/acme/": {Argv: []string{"sh", "-c", "exec sleep infinity"}}}}), manager: program(t, "manager")}
	c := &schema.Config{Cluster: "acme", Backend: schema.BackendAWS, AWS: schema.AWS{Region: r.cloud.Region, Bucket: "acme-builds", Architecture: "x86_64"}}
	schema.Defaults(c)
	operator := r.cloud.User(t, "operator", policy(templates.PolicyOperator, c), policy(templates.PolicyStacks, c), policy(templates.PolicyNetwork, c))
	cfg := r.cloud.Config(operator)
	caller, err := deploy.Identify(t.Context(), sts.NewFromConfig(cfg))
	if err != nil {
		t.Fatal(err)
	}
	tell := progress.Func(func(e progress.Event) { r.events = append(r.events, e) })
	r.Deployer = &deploy.Deployer{Config: c, Version: "0.1.0", Caller: caller, Progress: tell,
		Stacks: &stacks.Client{API: cloudformation.NewFromConfig(cfg), Poll: 50 * time.Millisecond, Progress: tell},
		Bucket: &bucket.Bucket{API: s3.NewFromConfig(cfg), Name: c.AWS.Bucket, Region: c.AWS.Region, Partition: "aws", AccountID: caller.AccountID, Cluster: c.Cluster},
		ECS:    ecs.NewFromConfig(cfg), Logs: cloudwatchlogs.NewFromConfig(cfg)}
	return r
}

// healthy is the health check of containers that only sleep.
var healthy = map[string][]string{"health": {"CMD", "true"}}

func policy(kind templates.PolicyKind, c *schema.Config) string {
	return string(templates.Policy(kind, c, "123456789012"))
}

func (r *rig) setup(t *testing.T) (deploy.SetupResult, error) {
	t.Helper()
	r.plan = nil
	return r.Setup(t.Context(), deploy.SetupRequest{Manager: r.manager, Commands: healthy, Confirm: func(p *deploy.Plan) error { r.plan = p; return nil }})
}

func (r *rig) mustSetup(t *testing.T) deploy.SetupResult {
	t.Helper()
	res, err := r.setup(t)
	if err != nil {
		t.Fatalf("%v; next: %s", err, cluster.Next(err))
	}
	return res
}

// left returns the stacks that are there.
func (r *rig) left(t *testing.T) (names []string) {
	t.Helper()
	out, err := cloudformation.NewFromConfig(r.cloud.Config(r.cloud.Root())).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out.Stacks {
		names = append(names, aws.ToString(s.StackName))
	}
	return names
}
