package cost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Format writes the table the way prices.json is kept: sorted, and one price a line, so that a refresh is a diff that people can read.
func (p *Prices) Format() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n  \"sources\": {")
	for i, key := range p.usedSources() {
		fmt.Fprintf(&b, "%s\n    %q: %s", comma(i), key, quote(p.Sources[key]))
	}
	b.WriteString("\n  },\n  \"regions\": {")
	for i, name := range slices.Sorted(maps.Keys(p.Regions)) {
		fmt.Fprintf(&b, "%s\n    %q: {", comma(i), name)
		n := 0
		for _, item := range Items {
			price, known := p.Regions[name][item]
			if !known {
				continue
			}
			line, err := json.Marshal(price)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, item, err)
			}
			fmt.Fprintf(&b, "%s\n      %q: %s", comma(n), item, line)
			n++
		}
		b.WriteString("\n    }")
	}
	b.WriteString("\n  }\n}\n")
	return b.Bytes(), nil
}

// usedSources are those of the table's prices, sorted: a refresh leaves others behind.
func (p *Prices) usedSources() []string {
	used := map[string]bool{}
	for _, region := range p.Regions {
		for _, price := range region {
			used[price.Source] = true
		}
	}
	return slices.Sorted(maps.Keys(used))
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// quote is a JSON string that keeps & and < as they are: sources are addresses.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return string(bytes.TrimSpace(b.Bytes()))
}
