package cost

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Line is one thing that is paid for.
type Line struct {
	What     string  `json:"what"`
	Quantity float64 `json:"quantity"` // units per hour, or per month
	Item     Item    `json:"item"`
	Unit     float64 `json:"unit,omitempty"` // USD for one unit; 0 when the price is unknown
}

// USD is what the line costs.
func (l Line) USD() float64 { return l.Quantity * l.Unit }

// Estimate is what something costs, line by line.
type Estimate struct {
	Region string `json:"region"`
	Lines  []Line `json:"lines"`
	Date   string `json:"date,omitempty"` // of the region's newest price
}

// add puts a line on the estimate when there is anything of it.
func (e *Estimate) add(prices Region, what string, quantity float64, item Item) {
	if quantity > 0 {
		e.Lines = append(e.Lines, Line{What: what, Quantity: quantity, Item: item, Unit: prices[item].USD})
	}
}

// USD sums up what is known.
func (e Estimate) USD() float64 {
	sum := 0.0
	for _, l := range e.Lines {
		sum += l.USD()
	}
	return sum
}

// Missing returns the items whose price in the region is unknown, each once.
func (e Estimate) Missing() []Item {
	var missing []Item
	for _, l := range e.Lines {
		if l.Unit == 0 && !slices.Contains(missing, l.Item) {
			missing = append(missing, l.Item)
		}
	}
	return missing
}

// Known reports whether every price is known. Only then USD is the whole sum.
func (e Estimate) Known() bool { return len(e.Missing()) == 0 }

// For is the cost of the time d when the lines are per hour. Fargate asks for a minute at least.
// https://aws.amazon.com/fargate/pricing/
func (e Estimate) For(d time.Duration) Estimate {
	hours := max(d, time.Minute).Hours()
	lines := slices.Clone(e.Lines)
	for i := range lines {
		lines[i].Quantity *= hours
	}
	e.Lines = lines
	return e
}

// String says the sum in words: "0.42 USD", "about 0.13 USD" where Spot prices are in it, "at least …" where prices are missing, and
// "unknown …" where all are.
func (e Estimate) String() string {
	sum, missing := Dollars(e.USD()), e.unpriced()
	if len(missing) > 0 && e.USD() == 0 {
		return fmt.Sprintf("unknown (bbf has no such prices of %s)", e.Region)
	}
	if len(missing) > 0 {
		return fmt.Sprintf("at least %s (bbf has no price in %s for %s)", sum, e.Region, strings.Join(missing, ", "))
	}
	if slices.ContainsFunc(e.Lines, func(l Line) bool { return l.Item.Spot() }) {
		return "about " + sum
	}
	return sum
}

// unpriced names the lines that have no price.
func (e Estimate) unpriced() []string {
	var what []string
	for _, l := range e.Lines {
		if l.Unit == 0 {
			what = append(what, l.What)
		}
	}
	return what
}

// Dollars writes an amount with two significant digits below a cent and with cents above.
func Dollars(usd float64) string {
	if usd > 0 && usd < 0.01 {
		return fmt.Sprintf("%.2g USD", usd)
	}
	return fmt.Sprintf("%.2f USD", usd)
}
