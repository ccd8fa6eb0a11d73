package doctor_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/bucket"
	"github.com/bbf-build/bbf/tools/cluster/aws/doctor"
	base "github.com/bbf-build/bbf/tools/doctor"
)

func TestAllIsWell(t *testing.T) {
	n := 0
	doctor.Examine(t.Context(), healthy().patient(), func(f base.Finding) {
		n++
		// The fake STS has no clock.
		if f.Check != "clock" && f.Verdict != base.OK {
			t.Errorf("found %+v in a healthy account", f)
		}
	})
	if n != 11 {
		t.Errorf("%d findings, not 11", n)
	}
}

// refusedAt is how the SDK reports what a server refused at its time.
func refusedAt(at time.Time, code string) error {
	r := &http.Response{Header: http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: r}, Err: refusal(code)}
}

func TestCredentialsAndClock(t *testing.T) {
	for _, c := range []struct {
		name, check  string
		err          error
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenTheSessionHasExpired", "credentials", refusal("ExpiredToken"), base.Fail, "session has expired", "aws sso login"},
		{"WhenTheKeyIsUnknown", "credentials", refusal("InvalidClientTokenId"), base.Fail, "doesn't know", "AWS_PROFILE"},
		{"WhenTheSecretIsWrong", "credentials", refusal("SignatureDoesNotMatch"), base.Fail, "secret", "aws configure"},
		{"WhenThereAreNone", "credentials", errors.New("get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"), base.Fail, "no AWS credentials found", "AWS_PROFILE"},
		{"WhenThereIsNoNetwork", "credentials", errors.New("dial tcp: no route to host"), base.Fail, "no route", "HTTPS_PROXY"},
		{"WhenNobodyKnowsWhoAsks", "quota On-Demand", refusal("ExpiredToken"), base.Warn, "not checked", "credentials"},
		{"WhenTheClockIsSixMinutesAhead", "clock", refusedAt(noon.Add(-6*time.Minute), "SignatureDoesNotMatch"), base.Fail, "6m0s ahead", "timedatectl"},
		{"WhenTheClockIsTwoMinutesBehind", "clock", refusedAt(noon.Add(2*time.Minute), "ExpiredToken"), base.Warn, "behind", "timedatectl"},
		{"WhenTheClockIsRight", "clock", refusedAt(noon, "ExpiredToken"), base.OK, "agrees", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			h.stsErr = c.err
			expect(t, h.finding(t, c.check), c.verdict, c.detail, c.mend)
		})
	}
}

func TestQuotas(t *testing.T) {
	for _, c := range []struct {
		name, check  string
		change       func(*cloud)
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenItIsEnough", "quota On-Demand", func(h *cloud) { h.onDemand = 42 }, base.OK, "10 workers (workers.max) need 42", ""},
		{"WhenTheLargestClusterIsTooLarge", "quota On-Demand", func(h *cloud) { h.onDemand = 41 }, base.Warn, "41 vCPU", "--quota-code=L-3032A538 --desired-value=42"},
		{"WhenEvenTheDefaultIsTooLarge", "quota On-Demand", func(h *cloud) { h.onDemand = 6 }, base.Fail, "6 vCPU", "workers.max"},
		{"WhenWorkersAreSpot", "quota On-Demand", func(h *cloud) { h.config.Workers.Spot, h.onDemand = true, 2 }, base.OK, "the server need 2", ""},
		{"WhenWorkersAreSpotAndToMany", "quota Spot", func(h *cloud) { h.config.Workers.Spot, h.spot = true, 39 }, base.Warn, "39 vCPU of Fargate Spot", "L-36FBB829"},
		{"WhenSpotIsNotUsed", "quota Spot", func(h *cloud) { h.spot = 0 }, base.OK, "not needed", ""},
		{"WhenYouMayNotLook", "quota On-Demand", func(h *cloud) { h.quotaErr = refusal("AccessDeniedException") }, base.Warn, "you lack the permission servicequotas:GetServiceQuota", "ask for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			c.change(h)
			expect(t, h.finding(t, c.check), c.verdict, c.detail, c.mend)
		})
	}
}

func TestNetwork(t *testing.T) {
	existing := func(h *cloud) {
		h.config.AWS.VPC = schema.VPC{Existing: &schema.ExistingVPC{ID: "vpc-1", Subnets: []string{"subnet-a", "subnet-b"}}}
	}
	for _, c := range []struct {
		name, check  string
		change       func(*cloud)
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenTheVPCIsOurs", "subnets", func(*cloud) {}, base.OK, "200 free addresses in 2 subnets", ""},
		{"WhenNothingIsMadeYet", "subnets", func(h *cloud) { h.subnets = nil }, base.Warn, "none yet", "setup"},
		{"WhenTheVPCIsGiven", "subnets", existing, base.OK, "200 free", ""},
		{"WhenASubnetIsOfAnotherVPC", "subnets", func(h *cloud) { existing(h); h.subnets[1].VpcId = "vpc-2" }, base.Fail, "subnet-b is in vpc-2", "bbf.yaml"},
		{"WhenASubnetIsGone", "subnets", func(h *cloud) { existing(h); h.ec2Err = refusal("InvalidSubnetID.NotFound") }, base.Fail, "not there", "aws.vpc.existing.subnets"},
		{"WhenTheWayOutIsNAT", "subnets", func(h *cloud) { h.tables[0].Routes[0].GatewayId = "" }, base.Fail, "subnet-a has no route", "0.0.0.0/0"},
		{"WhenTheGatewayIsGone", "subnets", func(h *cloud) { h.tables[0].Routes[0].State = "blackhole" }, base.Fail, "no route", "0.0.0.0/0"},
		{"WhenASubnetHasATableOfItsOwn", "subnets", func(h *cloud) {
			h.tables = append(h.tables, ec2.RouteTable{RouteTableId: "rtb-own", VpcId: "vpc-1", Associations: []ec2.RouteTableAssociation{{SubnetId: "subnet-b"}}})
		}, base.Fail, "subnet-b has no route to an internet gateway (route table rtb-own)", "0.0.0.0/0"},
		{"WhenAddressesAreFew", "subnets", func(h *cloud) { h.subnets[0].AvailableIpAddressCount, h.subnets[1].AvailableIpAddressCount = 5, 5 }, base.Warn, "10 free addresses", "workers.max"},
		{"WhenThereIsOneZone", "subnets", func(h *cloud) { h.subnets = h.subnets[:1] }, base.Warn, "all subnets are in the zone eu-west-1a", "two zones"},
		{"WhenYouMayNotLook", "subnets", func(h *cloud) { h.ec2Err = refusal("UnauthorizedOperation") }, base.Warn, "you lack the permission ec2:DescribeSubnets", "ask for"},
		{"WhenTheRegionIsOptIn", "region", func(h *cloud) { h.ec2Err = refusal("AuthFailure") }, base.Fail, "isn't enabled", "enable-region"},
		{"WhenZonesAreFew", "region", func(h *cloud) { h.zones = h.zones[:1] }, base.Fail, "has 1 zones", "zones"},
		{"WhenAZoneIsLocal", "region", func(h *cloud) { h.zones[1].ZoneType = "local-zone" }, base.Fail, "has 1 zones", "zones"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			c.change(h)
			expect(t, h.finding(t, c.check), c.verdict, c.detail, c.mend)
		})
	}
}

func TestStacks(t *testing.T) {
	for _, c := range []struct {
		status  types.StackStatus
		verdict base.Verdict
		mend    string
	}{
		{types.StackStatusUpdateComplete, base.OK, ""},
		{types.StackStatusRollbackComplete, base.Fail, "setup deletes it and makes it again"},
		{types.StackStatusCreateFailed, base.Fail, "setup deletes it and makes it again"},
		{types.StackStatusUpdateRollbackComplete, base.Warn, "tries the change again"},
		{types.StackStatusUpdateRollbackFailed, base.Fail, "setup goes on"},
		{types.StackStatusDeleteFailed, base.Fail, "teardown tries again"},
		{types.StackStatusUpdateInProgress, base.Warn, "wait"},
		{types.StackStatusReviewInProgress, base.Fail, "setup makes what is missing"}, // was never made
		{"", base.Fail, "setup makes what is missing"},
	} {
		t.Run("WhenOneIs"+string(c.status), func(t *testing.T) {
			h := healthy()
			h.stacks["acme-server"] = c.status
			expect(t, h.finding(t, "stacks"), c.verdict, "", c.mend)
		})
	}
	t.Run("WhenOneFailedAndOneChanges", func(t *testing.T) {
		h := healthy()
		h.stacks["acme-infra"], h.stacks["acme-workers"] = types.StackStatusUpdateInProgress, types.StackStatusDeleteFailed
		expect(t, h.finding(t, "stacks"), base.Fail, "stack acme-workers is DELETE_FAILED: because", "teardown")
	})
	t.Run("WhenThereAreNone", func(t *testing.T) {
		h := healthy()
		clear(h.stacks)
		expect(t, h.finding(t, "stacks"), base.Warn, "isn't set up", "setup")
		expect(t, h.finding(t, "manager"), base.Warn, "isn't set up", "setup")
	})
}

func TestBucket(t *testing.T) {
	for _, c := range []struct {
		name         string
		state        bucket.State
		err          error
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenItIsOurs", bucket.State{Exists: true, Ours: true}, nil, base.OK, "the cluster's own", ""},
		{"WhenItHasOtherThingsInIt", bucket.State{Exists: true}, nil, base.OK, "other things", ""},
		{"WhenItIsNotVersioned", bucket.State{Exists: true, Notes: []string{"isn't versioned"}}, nil, base.Warn, "isn't versioned", "versioning"},
		{"WhenItIsNotThere", bucket.State{}, nil, base.Warn, "isn't there", "setup"},
		{"WhenTheBucketIsSomebodyElses", bucket.State{}, cluster.WithNext(errors.New("another account"), "choose another"), base.Fail, "another account", "choose another"},
		{"WhenYouMayNotLook", bucket.State{}, refusal("AccessDenied"), base.Warn, "you lack", "ask for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			h.bucket, h.bucketErr = c.state, c.err
			expect(t, h.finding(t, "bucket"), c.verdict, c.detail, c.mend)
		})
	}
}

func TestManager(t *testing.T) {
	for _, c := range []struct {
		name         string
		change       func(*cloud)
		verdict      base.Verdict
		detail, mend string
	}{
		{"WhenItAnswers", func(*cloud) {}, base.OK, "the cluster is down, you are builder", ""},
		{"WhenYouHaveNoRole", func(h *cloud) { h.status.Caller.Role = api.RoleNone }, base.Fail, "no role", "access in bbf.yaml"},
		{"WhenTasksFail", func(h *cloud) { h.status.Problem = "no image" }, base.Warn, "no image", "status"},
		{"WhenItDoesNotAnswer", func(h *cloud) { h.managerErr = errors.New("502") }, base.Fail, "502", "/aws/lambda/acme-manager"},
		{"WhenTheErrorSaysWhatToDo", func(h *cloud) { h.managerErr = cluster.WithNext(errors.New("502"), "bbf setup") }, base.Fail, "502", "bbf setup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy()
			c.change(h)
			expect(t, h.finding(t, "manager"), c.verdict, c.detail, c.mend)
		})
	}
}
