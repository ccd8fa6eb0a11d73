package pricelist

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// offer is what we need of one product of the list.
type offer struct {
	usage string
	usd   float64 // of the first unit: tiers above it are for usage that bbf doesn't reach
	date  string
}

// parse reads one entry of GetProducts' PriceList, which is JSON in a string.
func parse(text string) (offer, error) {
	var entry struct {
		Product struct {
			Attributes struct {
				UsageType string `json:"usagetype"`
			} `json:"attributes"`
		} `json:"product"`
		PublicationDate time.Time `json:"publicationDate"`
		Terms           struct {
			OnDemand map[string]struct {
				PriceDimensions map[string]struct {
					BeginRange   string `json:"beginRange"`
					PricePerUnit struct {
						USD string `json:"USD"`
					} `json:"pricePerUnit"`
				} `json:"priceDimensions"`
			} `json:"OnDemand"`
		} `json:"terms"`
	}
	if err := json.Unmarshal([]byte(text), &entry); err != nil {
		return offer{}, fmt.Errorf("an entry of the price list can't be read: %w", err)
	}
	o := offer{usage: entry.Product.Attributes.UsageType, date: entry.PublicationDate.UTC().Format(time.DateOnly)}
	for _, term := range entry.Terms.OnDemand {
		for _, d := range term.PriceDimensions {
			if d.BeginRange != "0" && d.BeginRange != "" {
				continue
			}
			usd, err := strconv.ParseFloat(d.PricePerUnit.USD, 64)
			if err != nil {
				return offer{}, fmt.Errorf("the price of %s can't be read: %w", o.usage, err)
			}
			o.usd = usd
		}
	}
	return o, nil
}
