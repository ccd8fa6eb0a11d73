//go:build unix

package main

import (
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

// hourly is what an hour of what runs costs.
func hourly(region string, s api.Status) cost.Estimate {
	return cost.Embedded().Hour(region, cost.Running("server", s.Server), cost.Running("workers", s.Workers))
}

// planned is what an hour of the cluster with n workers will cost.
func planned(c *schema.Config, n int) cost.Estimate {
	server := api.Service{CPU: c.Server.CPU, Memory: c.Server.Memory}
	workers := api.Service{CPU: c.Workers.CPU, Memory: c.Workers.Memory, Disk: c.Workers.Disk, Spot: c.Workers.Spot}
	return cost.Embedded().Hour(c.AWS.Region, cost.Planned("server", server, 1), cost.Planned("workers", workers, n))
}

// bill is the cost in a result.
type bill struct {
	PerHour float64 `json:"perHourUSD"`
	SoFar   float64 `json:"soFarUSD,omitempty"` // since `up`, had all that runs now run all the time
	Known   bool    `json:"known"`              // false: prices are missing, and the sums are too low
	Date    string  `json:"pricesOf,omitempty"`
}

func newBill(hour cost.Estimate, since *time.Time, now time.Time) *bill {
	b := &bill{PerHour: hour.USD(), Known: hour.Known(), Date: hour.Date}
	if since != nil {
		b.SoFar = hour.For(now.Sub(*since)).USD()
	}
	return b
}
