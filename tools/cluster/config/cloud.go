package config

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// addresses: a task has an address of its own, and AWS keeps five of each subnet
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html). The network is cut into four, of which a subnet is made
// in each zone.
func (r *report) addresses(c *schema.Config) {
	const cidr = "aws.vpc.new.cidr"
	vpc := c.AWS.VPC.New
	if vpc == nil || !r.fine("aws", "aws.vpc", "aws.vpc.new", cidr, "aws.vpc.new.zones", "workers.max") {
		return
	}
	p, err := netip.ParsePrefix(vpc.CIDR)
	if err != nil {
		return
	}
	needed := c.Workers.Max + 1 // the server
	if has := usable(p.Bits(), vpc.Zones); has < needed {
		bits := p.Bits()
		for usable(bits, vpc.Zones) < needed {
			bits--
		}
		larger := netip.PrefixFrom(p.Addr(), bits).Masked()
		r.at(cidr, []string{"workers.max"}, "%q has %d addresses for tasks, which are too few for a server and %d workers; the nearest is %q",
			vpc.CIDR, has, c.Workers.Max, larger)
	}
}

func usable(bits, zones int) int { return zones * (1<<(32-bits-2) - 5) }

func (r *report) access(all []schema.Access) {
	first := map[string]int{}
	for i, a := range all {
		loc := []string{"access", fmt.Sprint(i), "arn"}
		if a.ARN == "" || !r.fine(r.root.path(loc), r.root.path(loc[:2])) {
			continue
		}
		for _, earlier := range []string{a.ARN, "*"} {
			if j, ok := first[earlier]; ok {
				r.add(loc, "%s is never reached, because access[%d] matches first", quote(a.ARN), j)
				break
			}
		}
		if _, ok := first[a.ARN]; !ok {
			first[a.ARN] = i
		}
	}
}

// privateCA: the manager asks the certificate authority in its own region.
func (r *report) privateCA(c *schema.Config) {
	const arn = "auth.acmpca.arn"
	if c.Auth.ACMPCA == nil || c.AWS.Region == "" || !r.fine("auth", "auth.acmpca", arn, "aws", "aws.region") {
		return
	}
	if region := strings.Split(c.Auth.ACMPCA.ARN, ":"); len(region) > 3 && region[3] != c.AWS.Region {
		r.at(arn, nil, "the certificate authority is in %s, the cluster in %s; they have to be in the same region", region[3], c.AWS.Region)
	}
}
