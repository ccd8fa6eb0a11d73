package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/ec2"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/doctor"
)

// Network is what is called of EC2. *ec2.Client is one.
type Network interface {
	DescribeSubnets(context.Context, ec2.Query) ([]ec2.Subnet, error)
	DescribeRouteTables(context.Context, ec2.Query) ([]ec2.RouteTable, error)
	DescribeAvailabilityZones(context.Context, ec2.Query) ([]ec2.AvailabilityZone, error)
}

// region finds out whether the account may use the region, and whether it has the zones that a new VPC is spread over.
func region(ctx context.Context, p Patient, _ caller) doctor.Finding {
	name := p.Config.AWS.Region
	zones, err := p.Network.DescribeAvailabilityZones(ctx, ec2.Query{})
	switch c := code(err); {
	case c == "AuthFailure" || c == "OptInRequired":
		return fail(name+" isn't enabled for the account", "enable it: aws account enable-region --region-name="+name+", or another one in aws.region of bbf.yaml")
	case err != nil:
		return unchecked(err, "ec2:DescribeAvailabilityZones")
	}
	n := 0
	for _, z := range zones {
		if z.ZoneState == "available" && (z.ZoneType == "availability-zone" || z.ZoneType == "") {
			n++
		}
	}
	if vpc := p.Config.AWS.VPC.New; vpc != nil && n < vpc.Zones {
		return fail(fmt.Sprintf("%s has %d zones for the account, aws.vpc.new.zones is %d", name, n, vpc.Zones), "lower aws.vpc.new.zones in bbf.yaml, or use another region")
	}
	return ok(fmt.Sprintf("%s, with %d zones", name, n))
}

// subnets looks at those that tasks run in: bbf.yaml's, or those that the stack made.
func subnets(ctx context.Context, p Patient, _ caller) doctor.Finding {
	q := ec2.Query{Filters: []ec2.Filter{{Name: "tag:bbf:cluster", Values: []string{p.Config.Cluster}}}}
	existing := p.Config.AWS.VPC.Existing
	if existing != nil {
		q = ec2.Query{IDs: existing.Subnets}
	}
	found, err := p.Network.DescribeSubnets(ctx, q)
	switch {
	case code(err) == "InvalidSubnetID.NotFound":
		return fail("not there: "+err.Error(), "name others in aws.vpc.existing.subnets of bbf.yaml")
	case err != nil:
		return unchecked(err, "ec2:DescribeSubnets")
	case len(found) == 0:
		return warn("there are none yet", cluster.Command("setup")+" makes them")
	}
	for _, s := range found {
		if existing != nil && s.VpcId != existing.ID {
			return fail(fmt.Sprintf("%s is in %s, not in %s", s.SubnetId, s.VpcId, existing.ID), "aws.vpc.existing in bbf.yaml")
		}
	}
	tables, err := p.Network.DescribeRouteTables(ctx, ec2.Query{Filters: []ec2.Filter{{Name: "vpc-id", Values: []string{found[0].VpcId}}}})
	if err != nil {
		return unchecked(err, "ec2:DescribeRouteTables")
	}
	for _, s := range found {
		if t := tableOf(s, tables); !reachesInternet(t) {
			return fail(fmt.Sprintf("%s has no route to an internet gateway (route table %s)", s.SubnetId, t.RouteTableId),
				"add the route 0.0.0.0/0 to an internet gateway: bbf has no NAT, tasks have public addresses")
		}
	}
	return addresses(p, found)
}

// addresses: each task takes one.
func addresses(p Patient, found []ec2.Subnet) doctor.Finding {
	free, zones := 0, []string{}
	for _, s := range found {
		free += s.AvailableIpAddressCount
		if !slices.Contains(zones, s.AvailabilityZone) {
			zones = append(zones, s.AvailabilityZone)
		}
	}
	need := p.Config.Workers.Max + 1
	detail := fmt.Sprintf("%d free addresses in %d subnets; the server and %d workers (workers.max) need %d", free, len(found), need-1, need)
	switch {
	case free < need:
		return warn(detail+", less what runs now", "use larger subnets, or lower workers.max in bbf.yaml")
	case len(zones) < 2:
		return warn("all subnets are in the zone "+zones[0]+": when it fails, so does the cluster", "use subnets in two zones or more")
	}
	return ok(detail)
}

// tableOf returns the table that a subnet uses: the one that names it, or else the VPC's main one.
func tableOf(s ec2.Subnet, tables []ec2.RouteTable) (used ec2.RouteTable) {
	for _, t := range tables {
		for _, a := range t.Associations {
			if a.SubnetId == s.SubnetId {
				return t
			}
			if a.Main && t.VpcId == s.VpcId {
				used = t
			}
		}
	}
	return used
}

func reachesInternet(t ec2.RouteTable) bool {
	return slices.ContainsFunc(t.Routes, func(r ec2.Route) bool {
		return r.DestinationCidrBlock == "0.0.0.0/0" && strings.HasPrefix(r.GatewayId, "igw-") && r.State != "blackhole"
	})
}
