package cloudformation

import "net/netip"

// subnetBits is how many bits of an address a subnet of a new VPC leaves to its hosts. A subnet is a quarter of the VPC, also when there are
// two: then a third can come later without touching them. AWS has subnets from /16 to /28.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func subnetBits(cidr string) int {
	vpc, err := netip.ParsePrefix(cidr)
	if err != nil {
		return 0 // no such configuration gets through validation; CloudFormation refuses the number
	}
	return vpc.Addr().BitLen() - (vpc.Bits() + 2)
}
