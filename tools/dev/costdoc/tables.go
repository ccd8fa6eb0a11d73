package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

// The example's region has all prices.
const region = "us-east-1"

var server = cost.Tasks{Name: "server", Count: 1, CPU: 2, Memory: 8192}

func workers(n int, spot bool) cost.Tasks {
	return cost.Tasks{Name: "workers", Count: n, CPU: 4, Memory: 8192, Disk: 50, Spot: spot}
}

func tables(p *cost.Prices) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### A small team: 2 workers\nServer 2 vCPU, 8 GB; workers 4 vCPU, 8 GB, 50 GB of disk, On-Demand; %s.\n\n", region)
	bill(&b, p.Hour(region, server, workers(2, false)), "an hour")
	fmt.Fprintf(&b, "\n### A large team: 20 workers on Spot\nThe same sizes, workers with `spot: true`; %s.\n\n", region)
	bill(&b, p.Hour(region, server, workers(20, true)), "an hour")
	fmt.Fprintf(&b, "\n### When it is down: a month\n2 GB of images, 0.1 GB in the bucket, 0.5 GB of kept logs; %s.\n\n", region)
	bill(&b, p.Month(region, cost.Usual()), "a month")
	b.WriteString("\n### The same in other regions\n\n| region | an hour with 2 workers | a month when down | prices of |\n|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(p.Regions)) {
		hour := p.Hour(name, server, workers(2, false))
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, hour, p.Month(name, cost.Usual()), hour.Date)
	}
	return b.String()
}

func bill(b *strings.Builder, e cost.Estimate, per string) {
	fmt.Fprintf(b, "| what | quantity | price of one, USD | USD %s |\n|---|---|---|---|\n", per)
	for _, l := range e.Lines {
		fmt.Fprintf(b, "| %s | %.4g | %v | %.4f |\n", l.What, l.Quantity, l.Unit, l.USD())
	}
	fmt.Fprintf(b, "| **sum** | | | **%s** |\n", e)
}
