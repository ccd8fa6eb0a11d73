package cloudformation_test

import (
	"fmt"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation/evaluate"
)

func TestZones(t *testing.T) {
	for _, zones := range []int{2, 3} {
		t.Run(fmt.Sprintf("%dZones", zones), func(t *testing.T) {
			c := clusters()["plain"]
			c.config.AWS.VPC.New.Zones = zones
			stacks := c.stacks(t)
			got := map[any]any{}
			for _, r := range c.resources(t, stacks[0]) {
				if r.Type == "AWS::EC2::Subnet" {
					got[r.Properties["AvailabilityZone"]] = r.Properties["CidrBlock"]
				}
			}
			want := map[any]any{"${zone a}": "10.90.0.0/18", "${zone b}": "10.90.64.0/18"}
			if zones == 3 {
				want["${zone c}"] = "10.90.128.0/18"
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("subnets %v, not %v", got, want)
			}
			for _, stack := range stacks[2:4] {
				if subnets := subnetsOf(c.resources(t, stack)); len(subnets) != zones {
					t.Errorf("tasks of %s are put into %v", stack.Kind, subnets)
				}
			}
		})
	}
	t.Run("SmallestVPC", func(t *testing.T) {
		c := clusters()["plain"]
		c.config.AWS.VPC.New.CIDR = "192.168.7.64/26"
		if got := c.resources(t, c.stacks(t)[0])["SubnetB"].Properties["CidrBlock"]; got != "192.168.7.80/28" {
			t.Errorf("the second subnet is %v", got)
		}
	})
}

func subnetsOf(resources map[string]evaluate.Resource) []any {
	network := resources["Service"].Properties["NetworkConfiguration"].(map[string]any)
	return network["AwsvpcConfiguration"].(map[string]any)["Subnets"].([]any)
}
