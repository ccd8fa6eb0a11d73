package config

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/bbf-build/bbf/infra/schema"
)

// violation says in words what the schema has against one field.
func (r *report) violation(e *jsonschema.ValidationError) {
	loc := e.InstanceLocation
	f, n := fieldAt(loc), r.root.get(loc...)
	below := func(step string) []string { return append(slices.Clone(loc), step) }
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		r.add(loc, "%s", wrongType(n, f))
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			r.unknown(loc, key)
		}
	case *kind.Required:
		for _, key := range k.Missing {
			r.missing(below(key))
		}
	case *kind.Enum:
		r.add(loc, "%s", notOneOf(n.value, f))
	case *kind.Minimum:
		r.add(loc, "%s is too little; the least is %s%s", show(n.value), rat(k.Want), inMiB(loc, n.value))
	case *kind.Maximum:
		r.add(loc, "%s is too much; the most is %s", show(n.value), rat(k.Want))
	case *kind.Pattern:
		r.add(loc, "%s has to be %s%s", show(n.value), f.PatternWords, nearestName(n.value, f))
	case *kind.MinLength:
		r.add(loc, "%s is too short; the least is %d characters", show(n.value), k.Want)
	case *kind.MaxLength:
		r.add(loc, "%s has %d characters; the most is %d", show(n.value), k.Got, k.Want)
	case *kind.Format:
		r.add(loc, "%s %v", show(k.Got), k.Err)
	case *kind.MinItems:
		r.add(loc, "has %d; the least is %d", k.Got, k.Want)
	case *kind.MaxItems:
		r.add(loc, "has %d; the most is %d", k.Got, k.Want)
	case *kind.UniqueItems:
		second := n.items[k.Duplicates[1]]
		r.addAt(second.place, r.root.path(loc), "%s is there twice", show(second.value))
	case *kind.MinProperties:
		r.add(loc, "is empty; write one of %s, or leave it out", keys(f))
	case *kind.MaxProperties:
		r.tooMany(loc, k)
	default: // no such keyword is in the schema
		r.add(loc, "is not valid (%s)", strings.Join(k.KeywordPath(), "/"))
	}
}

// tooMany is either a choice that isn't one, or a long list.
func (r *report) tooMany(loc []string, k *kind.MaxProperties) {
	if f := fieldAt(loc); len(f.Properties) == 0 {
		r.add(loc, "has %d; the most is %d", k.Got, k.Want)
		return
	}
	var known []string
	for _, key := range r.root.get(loc...).keys {
		if fieldAt(append(slices.Clone(loc), key)) != nil {
			known = append(known, key)
		}
	}
	if len(known) > 1 { // the others are reported as unknown
		r.add(loc, "has %s, of which there may be only one", strings.Join(known, " and "))
	}
}

// missing reports a key that has to be there. At the top the backend is why.
func (r *report) missing(loc []string) {
	key := loc[len(loc)-1]
	example := ""
	if f := fieldAt(loc); len(f.Examples) > 0 {
		example = fmt.Sprintf("; for example %s: %v", key, f.Examples[0])
	} else if then := schema.Root().Then.Get(key); then != nil {
		example = "; it has at least " + strings.Join(then.Required, " and ")
	}
	if len(loc) == 1 {
		r.at(key, []string{"backend"}, "is missing%s", example)
		return
	}
	r.add(loc, "is missing%s", example)
}

// rat writes a number of the schema.
func rat(v *big.Rat) string {
	f, _ := v.Float64()
	return show(f)
}
