package fleet_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bbf-build/bbf/infra/manager/fleet"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

func TestServicesAreMissing(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(*testcloud.Cloud)
	}{
		{"WhenTheClusterIs", func(c *testcloud.Cloud) { c.Fail("DescribeServices", &types.ClusterNotFoundException{}) }},
		{"WhenOneIs", func(c *testcloud.Cloud) { c.Edit(func() { delete(c.Services, testcloud.Workers) }) }},
		{"WhenOneIsDeleted", func(c *testcloud.Cloud) {
			c.Edit(func() { c.Services[testcloud.Server].Status = aws.String("INACTIVE") })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, f := start(t)
			c.setup(cloud)
			if _, err := f.Services(t.Context()); !errors.Is(err, fleet.ErrNotSetUp) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("ButNotWhenTheCallFails", func(t *testing.T) {
		cloud, f := start(t)
		cloud.Fail("DescribeServices", testcloud.Refused("ServerException"))
		if _, err := f.Services(t.Context()); err == nil || errors.Is(err, fleet.ErrNotSetUp) {
			t.Errorf("got %v", err)
		}
	})
}
