// Package cost says what a cluster costs: an hour of it, what it cost since it was brought up, and a month of what stays when it is
// down. The prices are a table in the program, each with its date and source, so that no verb needs the network or a permission to say
// them. `go run ./tools/dev/prices` refreshes the table.
//
// A price that is not in the table is said to be unknown; nothing is ever guessed. Taxes, discounts and free tiers are left out, and
// so is data transfer, which depends on what is built.
package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// Item is something that AWS has a price for.
type Item string

// The items, each with the unit of its price. AWS's GB is 2^30 bytes.
const (
	VCPU         Item = "fargate_vcpu_hour"
	Memory       Item = "fargate_gb_hour"
	ARMVCPU      Item = "fargate_arm_vcpu_hour"
	ARMMemory    Item = "fargate_arm_gb_hour"
	SpotVCPU     Item = "fargate_spot_vcpu_hour"
	SpotMemory   Item = "fargate_spot_gb_hour"
	ARMSpotVCPU  Item = "fargate_arm_spot_vcpu_hour"
	ARMSpotMem   Item = "fargate_arm_spot_gb_hour"
	Disk         Item = "fargate_disk_gb_hour" // of what a task has above 20 GB
	IPv4         Item = "public_ipv4_hour"
	S3Storage    Item = "s3_gb_month"
	S3Get        Item = "s3_get"
	ECRStorage   Item = "ecr_gb_month"
	LogsIn       Item = "logs_gb_ingested"
	LogsStorage  Item = "logs_gb_month"
	Lambda       Item = "lambda_request"
	LambdaGBs    Item = "lambda_gb_second"
	LambdaARMGBs Item = "lambda_arm_gb_second"
)

// Items are all items, in the order of the table.
var Items = []Item{
	VCPU, Memory, ARMVCPU, ARMMemory, SpotVCPU, SpotMemory, ARMSpotVCPU, ARMSpotMem, Disk, IPv4,
	S3Storage, S3Get, ECRStorage, LogsIn, LogsStorage, Lambda, LambdaGBs, LambdaARMGBs,
}

// Spot reports whether the item's price changes from day to day.
func (i Item) Spot() bool {
	return slices.Contains([]Item{SpotVCPU, SpotMemory, ARMSpotVCPU, ARMSpotMem}, i)
}

// Price is what one unit of an item costs in one region.
type Price struct {
	USD    float64 `json:"usd"`
	Date   string  `json:"date"`   // YYYY-MM-DD: when AWS published it, or when it was read where AWS gives no date
	Source string  `json:"source"` // a key of Prices.Sources
}

// Region is the prices in one region. Those that nobody could prove are left out.
type Region map[Item]Price

// Prices is the table.
type Prices struct {
	Sources map[string]string `json:"sources"` // where each price was read
	Regions map[string]Region `json:"regions"`
}

//go:embed prices.json
var embedded []byte

// Embedded returns the table that this program was built with.
func Embedded() *Prices {
	p, err := Parse(embedded)
	if err != nil {
		panic("prices.json: " + err.Error()) // the tests read it
	}
	return p
}

// Parse reads a table and checks that every price has an item that is known, a date and a source.
func Parse(data []byte) (*Prices, error) {
	var p Prices
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	for name, region := range p.Regions {
		for item, price := range region {
			switch {
			case !slices.Contains(Items, item):
				return nil, fmt.Errorf("%s: %s is no item", name, item)
			case price.USD <= 0 || price.Date == "" || p.Sources[price.Source] == "":
				return nil, fmt.Errorf("%s: %s needs a price above 0, a date and one of the sources", name, item)
			}
		}
	}
	return &p, nil
}

// Newest returns the date of the newest price of the region, YYYY-MM-DD; "" when there is none. Spot prices are newer or older than
// the rest and don't count.
func (r Region) Newest() string {
	newest := ""
	for item, price := range r {
		if !item.Spot() {
			newest = max(newest, price.Date)
		}
	}
	return newest
}
