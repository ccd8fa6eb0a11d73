package format

import (
	"errors"
	"fmt"
	"net/netip"
)

// private are the ranges that AWS documents for a VPC
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html).
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"),
}

// A VPC may be smaller (/28), but its subnets would then be smaller than AWS allows.
const largest, smallest = 16, 26

// CIDR accepts an IPv4 network of private addresses that has room for the subnets of a cluster.
func CIDR(s string) error {
	if a, err := netip.ParseAddr(s); err == nil && a.Is4() {
		return fmt.Errorf("is an address, not a network; the nearest is %q", netip.PrefixFrom(a, largest).Masked())
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return errors.New(`is no network; it is written like "10.90.0.0/16"`)
	}
	near := netip.PrefixFrom(p.Addr(), min(max(p.Bits(), largest), smallest)).Masked()
	switch {
	case !p.Addr().Is4():
		return errors.New(`is IPv6, but the tasks have IPv4 addresses; it is written like "10.90.0.0/16"`)
	case !isPrivate(p):
		return errors.New(`is not private; take a network in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10`)
	case p.Bits() < largest:
		return fmt.Errorf("is larger than AWS allows; the nearest is %q", near)
	case p.Bits() > smallest:
		return fmt.Errorf("is too small; the nearest is %q", near)
	case p != p.Masked():
		return fmt.Errorf("is an address in a network; the network is %q", p.Masked())
	}
	return nil
}

func isPrivate(p netip.Prefix) bool {
	for _, r := range private {
		if r.Contains(p.Addr()) {
			return true
		}
	}
	return false
}
