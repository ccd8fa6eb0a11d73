package ec2

import "context"

// NetworkInterface is one; a Fargate task has one of its own.
type NetworkInterface struct {
	NetworkInterfaceId string      `xml:"networkInterfaceId"`
	SubnetId           string      `xml:"subnetId"`
	VpcId              string      `xml:"vpcId"`
	AvailabilityZone   string      `xml:"availabilityZone"`
	Status             string      `xml:"status"`
	PrivateIpAddress   string      `xml:"privateIpAddress"`
	Association        Association `xml:"association"`
}

// Association is a network interface's public address, if it has one.
type Association struct {
	PublicIp string `xml:"publicIp"`
}

// DescribeNetworkInterfaces finds network interfaces.
func (c *Client) DescribeNetworkInterfaces(ctx context.Context, q Query) ([]NetworkInterface, error) {
	return all(ctx, c, q.form("DescribeNetworkInterfaces", "NetworkInterfaceId"), func(r *reply) []NetworkInterface { return r.NetworkInterfaces })
}

// Subnet is one.
type Subnet struct {
	SubnetId                string `xml:"subnetId"`
	VpcId                   string `xml:"vpcId"`
	AvailabilityZone        string `xml:"availabilityZone"`
	CidrBlock               string `xml:"cidrBlock"`
	State                   string `xml:"state"`
	AvailableIpAddressCount int    `xml:"availableIpAddressCount"`
	MapPublicIpOnLaunch     bool   `xml:"mapPublicIpOnLaunch"`
}

// DescribeSubnets finds subnets.
func (c *Client) DescribeSubnets(ctx context.Context, q Query) ([]Subnet, error) {
	return all(ctx, c, q.form("DescribeSubnets", "SubnetId"), func(r *reply) []Subnet { return r.Subnets })
}

// RouteTable is one. A subnet that no table's association names uses its VPC's main one.
type RouteTable struct {
	RouteTableId string                  `xml:"routeTableId"`
	VpcId        string                  `xml:"vpcId"`
	Associations []RouteTableAssociation `xml:"associationSet>item"`
	Routes       []Route                 `xml:"routeSet>item"`
}

// RouteTableAssociation says what uses the table.
type RouteTableAssociation struct {
	SubnetId string `xml:"subnetId"`
	Main     bool   `xml:"main"`
}

// Route is one. GatewayId is that of an internet gateway ("igw-…"), or "local".
type Route struct {
	DestinationCidrBlock string `xml:"destinationCidrBlock"`
	GatewayId            string `xml:"gatewayId"`
	State                string `xml:"state"` // "active" or "blackhole"
}

// DescribeRouteTables finds route tables.
func (c *Client) DescribeRouteTables(ctx context.Context, q Query) ([]RouteTable, error) {
	return all(ctx, c, q.form("DescribeRouteTables", "RouteTableId"), func(r *reply) []RouteTable { return r.RouteTables })
}

// Vpc is one.
type Vpc struct {
	VpcId     string `xml:"vpcId"`
	CidrBlock string `xml:"cidrBlock"`
	State     string `xml:"state"`
	IsDefault bool   `xml:"isDefault"`
}

// DescribeVpcs finds VPCs.
func (c *Client) DescribeVpcs(ctx context.Context, q Query) ([]Vpc, error) {
	return all(ctx, c, q.form("DescribeVpcs", "VpcId"), func(r *reply) []Vpc { return r.Vpcs })
}

// AvailabilityZone is one of the region's.
type AvailabilityZone struct {
	ZoneName   string `xml:"zoneName"`
	ZoneState  string `xml:"zoneState"` // "available", "impaired" or "unavailable"
	ZoneType   string `xml:"zoneType"`  // "availability-zone", "local-zone" or "wavelength-zone"
	RegionName string `xml:"regionName"`
}

// DescribeAvailabilityZones finds the region's zones; a query's IDs are their names.
func (c *Client) DescribeAvailabilityZones(ctx context.Context, q Query) ([]AvailabilityZone, error) {
	return all(ctx, c, q.form("DescribeAvailabilityZones", "ZoneName"), func(r *reply) []AvailabilityZone { return r.AvailabilityZones })
}
