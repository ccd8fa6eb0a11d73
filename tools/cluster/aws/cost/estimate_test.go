package cost_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

var (
	server  = api.Service{CPU: 2, Memory: 8192, Running: 1}
	workers = api.Service{CPU: 4, Memory: 8192, Disk: 50, Running: 2, Pending: 1}
)

func close(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestHour(t *testing.T) {
	p := cost.Embedded()
	t.Run("WhenAllPricesAreKnown", func(t *testing.T) {
		e := p.Hour("us-east-1", cost.Running("server", server), cost.Running("workers", workers))
		want := 2*0.04048 + 8*0.004445 + 3*(4*0.04048+8*0.004445+30*0.000111) + 4*0.005
		if !close(e.USD(), want) || !e.Known() {
			t.Errorf("an hour is %v (known: %v), not %v", e.USD(), e.Known(), want)
		}
		if got := e.String(); got != "0.74 USD" {
			t.Errorf("in words: %q", got)
		}
	})
	t.Run("WhenTheWorkersAreSpot", func(t *testing.T) {
		spot := workers
		spot.Spot, spot.Disk = true, 20
		e := p.Hour("us-east-1", cost.Planned("workers", spot, 10))
		if got := e.String(); !strings.HasPrefix(got, "about 0.") {
			t.Errorf("in words: %q", got)
		}
	})
	t.Run("WhenTheTasksAreARM", func(t *testing.T) {
		e := p.Hour("us-east-1", cost.Tasks{Name: "server", Count: 1, CPU: 1, Memory: 1024, ARM: true})
		if want := 0.03238 + 0.00356 + 0.005; !close(e.USD(), want) {
			t.Errorf("an hour is %v, not %v", e.USD(), want)
		}
	})
	t.Run("WhenNothingRuns", func(t *testing.T) {
		e := p.Hour("us-east-1", cost.Running("server", api.Service{CPU: 2, Memory: 8192, Disk: 50}))
		if got := e.String(); got != "0.00 USD" || len(e.Lines) != 0 {
			t.Errorf("in words: %q, lines %v", got, e.Lines)
		}
	})
	t.Run("WhenTheRegionHasNoPrices", func(t *testing.T) {
		e := p.Hour("mars-north-1", cost.Running("server", server))
		if got := e.String(); got != "unknown (bbf has no such prices of mars-north-1)" || e.Known() {
			t.Errorf("in words: %q", got)
		}
	})
	t.Run("WhenOnePriceIsMissing", func(t *testing.T) {
		p := &cost.Prices{Regions: map[string]cost.Region{"r": {cost.VCPU: {USD: 1}, cost.Memory: {USD: 1}, cost.IPv4: {USD: 1}}}}
		e := p.Hour("r", cost.Running("workers", workers))
		want := "at least 39.00 USD (bbf has no price in r for workers: disk in GB above 20)"
		if got := e.String(); got != want {
			t.Errorf("in words: %q, not %q", got, want)
		}
	})
}

func TestFor(t *testing.T) {
	hour := cost.Embedded().Hour("us-east-1", cost.Running("server", server))
	t.Run("WhenItRanForHours", func(t *testing.T) {
		if e := hour.For(90 * time.Minute); !close(e.USD(), 1.5*hour.USD()) {
			t.Errorf("90 minutes cost %v, an hour %v", e.USD(), hour.USD())
		}
	})
	t.Run("WhenItRanForASecond", func(t *testing.T) {
		if e := hour.For(time.Second); !close(e.USD(), hour.USD()/60) {
			t.Errorf("a second costs %v; Fargate asks for a minute: %v", e.USD(), hour.USD()/60)
		}
	})
}

// The promise of docs/cost.md.
func TestMonthWhenDownIsUnderAQuarterDollar(t *testing.T) {
	p := cost.Embedded()
	for _, region := range []string{"us-east-1", "eu-west-1", "eu-west-2"} {
		e := p.Month(region, cost.Usual())
		if !e.Known() || e.USD() >= 0.25 || e.USD() < 0.2 {
			t.Errorf("%s: a month is %v, missing %v", region, e, e.Missing())
		}
		if len(e.Lines) != 7 {
			t.Errorf("%s: %d lines, not 7", region, len(e.Lines))
		}
	}
}

func TestDollars(t *testing.T) {
	for usd, want := range map[float64]string{0: "0.00 USD", 0.00123: "0.0012 USD", 0.2: "0.20 USD", 12.345: "12.35 USD"} {
		if got := cost.Dollars(usd); got != want {
			t.Errorf("%v is written %q, not %q", usd, got, want)
		}
	}
}
