package doctor_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/doctor"
	"github.com/bbf-build/bbf/tools/cluster/aws/stacks"
	base "github.com/bbf-build/bbf/tools/doctor"
)

// cloud is an account in which all is well, until a test changes it.
type cloud struct {
	config                           *schema.Config
	arn                              string
	stsErr, quotaErr, ec2Err, iamErr error
	onDemand, spot                   float64
	bucket                           bucket.State
	bucketErr                        error
	subnets                          []ec2.Subnet
	tables                           []ec2.RouteTable
	zones                            []ec2.AvailabilityZone
	stacks                           map[string]types.StackStatus
	drift                            map[string][]stacks.Drift // by stack
	driftErr                         error
	status                           api.Status
	managerErr                       error
	deny                             []string // actions that the simulation refuses
	simulated                        []*iam.SimulatePrincipalPolicyInput
}

func healthy() *cloud {
	c := &schema.Config{Cluster: "acme", Backend: schema.BackendAWS, AWS: schema.AWS{Region: "eu-west-1", Bucket: "acme-builds"}}
	schema.Defaults(c)
	h := &cloud{config: c, arn: "arn:aws:iam::111122223333:user/ann", onDemand: 100, spot: 100, bucket: bucket.State{Exists: true, Ours: true},
		status: api.Status{State: api.StateDown, Caller: api.Caller{Role: api.RoleBuilder}}, stacks: map[string]types.StackStatus{}}
	for _, name := range []string{"acme-infra", "acme-manager", "acme-server", "acme-workers"} {
		h.stacks[name] = types.StackStatusCreateComplete
	}
	for _, zone := range []string{"a", "b"} {
		h.zones = append(h.zones, ec2.AvailabilityZone{ZoneName: "eu-west-1" + zone, ZoneState: "available", ZoneType: "availability-zone"})
		h.subnets = append(h.subnets, ec2.Subnet{SubnetId: "subnet-" + zone, VpcId: "vpc-1", AvailabilityZone: "eu-west-1" + zone, AvailableIpAddressCount: 100})
	}
	h.tables = []ec2.RouteTable{{RouteTableId: "rtb-main", VpcId: "vpc-1", Associations: []ec2.RouteTableAssociation{{Main: true}},
		Routes: []ec2.Route{{DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1", State: "active"}}}}
	return h
}

// noon is the time on the clock of the machine.
var noon = time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)

func (c *cloud) patient() doctor.Patient {
	return doctor.Patient{Config: c.config, STS: c, Quotas: c, Network: c, IAM: c, Stacks: c,
		Drift:   func(_ context.Context, stack string) ([]stacks.Drift, error) { return c.drift[stack], c.driftErr },
		Bucket:  func(context.Context, string) (bucket.State, error) { return c.bucket, c.bucketErr },
		Manager: func(context.Context) (api.Status, error) { return c.status, c.managerErr },
		Now:     func() time.Time { return noon }}
}

// finding examines the cloud and returns what one check found.
func (c *cloud) finding(t *testing.T, name string) base.Finding {
	t.Helper()
	var found []base.Finding
	doctor.Examine(t.Context(), c.patient(), func(f base.Finding) { found = append(found, f) })
	i := slices.IndexFunc(found, func(f base.Finding) bool { return f.Check == name })
	if i < 0 {
		t.Fatalf("there is no check %q in %+v", name, found)
	}
	return found[i]
}

func refusal(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

func (c *cloud) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: aws.String("111122223333"), Arn: &c.arn}, c.stsErr
}

func (c *cloud) GetServiceQuota(_ context.Context, in *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error) {
	value := map[string]float64{"L-3032A538": c.onDemand, "L-36FBB829": c.spot}[aws.ToString(in.QuotaCode)]
	return &servicequotas.GetServiceQuotaOutput{Quota: &quotatypes.ServiceQuota{Value: &value}}, c.quotaErr
}

func (c *cloud) DescribeSubnets(_ context.Context, q ec2.Query) ([]ec2.Subnet, error) {
	if len(q.IDs) == 0 && (len(q.Filters) != 1 || q.Filters[0].Name != "tag:bbf:cluster" || q.Filters[0].Values[0] != "acme") {
		return nil, refusal("InvalidParameterValue")
	}
	return c.subnets, c.ec2Err
}

func (c *cloud) DescribeRouteTables(context.Context, ec2.Query) ([]ec2.RouteTable, error) {
	return c.tables, c.ec2Err
}

func (c *cloud) DescribeAvailabilityZones(context.Context, ec2.Query) ([]ec2.AvailabilityZone, error) {
	return c.zones, c.ec2Err
}

func (c *cloud) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	if *in.RoleName != "team" {
		return nil, refusal("AccessDenied")
	}
	return &iam.GetRoleOutput{Role: &iamtypes.Role{Arn: aws.String("arn:aws:iam::111122223333:role/people/team")}}, nil
}

func (c *cloud) SimulatePrincipalPolicy(_ context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	c.simulated = append(c.simulated, in)
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, a := range in.ActionNames {
		d := iamtypes.PolicyEvaluationDecisionTypeAllowed
		if slices.Contains(c.deny, a) {
			d = iamtypes.PolicyEvaluationDecisionTypeImplicitDeny
		}
		out.EvaluationResults = append(out.EvaluationResults, iamtypes.EvaluationResult{EvalActionName: &a, EvalDecision: d})
	}
	return out, c.iamErr
}

func (c *cloud) Look(_ context.Context, name string) (stacks.State, error) {
	if c.stacks[name] == "" {
		return stacks.State{Name: name}, nil
	}
	return stacks.State{Name: name, ID: "arn:" + name, Status: c.stacks[name], Reason: "because"}, nil
}

// expect fails the test when a finding isn't as it should be; all that isn't well must say how to mend it.
func expect(t *testing.T, f base.Finding, v base.Verdict, detail, mend string) {
	t.Helper()
	if f.Verdict != v || !strings.Contains(f.Detail, detail) || !strings.Contains(f.Mend, mend) {
		t.Errorf("found %+v, not %s with %q and, to mend it, %q", f, v, detail, mend)
	}
	if (f.Verdict == base.OK) != (f.Mend == "") {
		t.Errorf("%+v: exactly what isn't well must say how to mend it", f)
	}
}
