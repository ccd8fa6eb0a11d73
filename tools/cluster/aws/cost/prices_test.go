package cost_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

func TestThePricesFileIsFormatted(t *testing.T) {
	want, err := cost.Embedded().Format()
	if err != nil {
		t.Fatal(err)
	}
	if cost.File != string(want) {
		t.Error("prices.json isn't as Format writes it: go run ./tools/dev/prices -format")
	}
}

func TestEveryRegionKnowsWhatATaskCosts(t *testing.T) {
	for name, region := range cost.Embedded().Regions {
		for _, item := range []cost.Item{cost.VCPU, cost.Memory, cost.IPv4} {
			if _, known := region[item]; !known {
				t.Errorf("%s has no price for %s", name, item)
			}
		}
		if _, known := region[cost.SpotVCPU]; known && region[cost.SpotVCPU].USD >= region[cost.VCPU].USD {
			t.Errorf("%s: Spot costs more than On-Demand", name)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, in, says string }{
		{"WhenAnItemIsUnknown", `{"sources":{"s":"x"},"regions":{"r":{"gold":{"usd":1,"date":"2026-01-01","source":"s"}}}}`, "gold is no item"},
		{"WhenAPriceHasNoSource", `{"regions":{"r":{"s3_get":{"usd":1,"date":"2026-01-01","source":"s"}}}}`, "one of the sources"},
		{"WhenAPriceHasNoDate", `{"sources":{"s":"x"},"regions":{"r":{"s3_get":{"usd":1,"source":"s"}}}}`, "a date"},
		{"WhenAPriceIsZero", `{"sources":{"s":"x"},"regions":{"r":{"s3_get":{"usd":0,"date":"2026-01-01","source":"s"}}}}`, "above 0"},
		{"WhenItIsNoJSON", `{`, "unexpected end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := cost.Parse([]byte(c.in))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Parse says %v, not %q", err, c.says)
			}
		})
	}
}
