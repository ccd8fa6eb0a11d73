package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// Difference is one field that the file and the deployed configuration don't agree on.
type Difference struct {
	Field    string `json:"field"` // as in bbf.yaml, with dots
	Here     string `json:"here"`
	Deployed string `json:"deployed"`
}

func (d Difference) String() string {
	return d.Field + " " + d.Here + " here, " + d.Deployed + " there"
}

// unset is said of a field that isn't there at all.
const unset = "unset"

// Differences compares the file with what is deployed, field by field, in the order of their names.
func Differences(here, deployed *schema.Config) ([]Difference, error) {
	a, err := fields(here)
	if err != nil {
		return nil, err
	}
	b, err := fields(deployed)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(a)
	maps.Copy(all, b)
	var found []Difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x, inA := a[name]
		y, inB := b[name]
		if !inA {
			x = unset
		}
		if !inB {
			y = unset
		}
		if x != y {
			found = append(found, Difference{name, x, y})
		}
	}
	return found, nil
}

// fields returns every leaf of the configuration by its path.
func fields(c *schema.Config) (map[string]string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	flatten(flat, "", tree)
	return flat, nil
}

func flatten(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			flatten(into, strings.TrimPrefix(path+"."+k, "."), child)
		}
	case []any:
		for i, child := range v {
			flatten(into, fmt.Sprintf("%s[%d]", path, i), child)
		}
	default:
		into[path] = fmt.Sprint(v)
	}
}

// list writes differences one after the other.
func list(all []Difference) string {
	words := make([]string, len(all))
	for i, d := range all {
		words[i] = d.String()
	}
	return strings.Join(words, "; ")
}
