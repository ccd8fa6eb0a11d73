package config

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/config/format"
)

// typeWords are JSON's types in words.
var typeWords = map[string]string{
	"object":  "a section",
	"array":   "a list",
	"string":  "text",
	"integer": "a whole number",
	"number":  "a number",
	"boolean": "true or false",
}

// wrongType says what is there, what is wanted, and how it would be written if what is meant can be guessed.
func wrongType(n *node, f *schema.Field) string {
	if n.items == nil && n.fields == nil && n.value == nil {
		if f.Type == "object" {
			return fmt.Sprintf("is empty; write its keys (%s), or {}, or leave it out", keys(f))
		}
		return "is empty; write a value, or leave it out"
	}
	said := ""
	switch {
	case n.items != nil:
		said = "is a list, not " + typeWords[f.Type]
	case n.fields != nil:
		said = "is a section, not " + typeWords[f.Type]
	case len(f.Enum) > 0 && f.Type == "string":
		return notOneOf(n.value, f)
	default:
		said = show(n.value) + " is not " + typeWords[f.Type]
	}
	if meant := meant(n.value, f); meant != "" {
		return said + "; write " + meant
	}
	if len(f.Properties) > 0 {
		return said + "; its keys are " + keys(f)
	}
	return said
}

// notOneOf names the nearest of the values that a field may have, or all of them.
func notOneOf(value any, f *schema.Field) string {
	said := show(value) + " is not offered"
	var words []string
	for _, v := range f.Enum {
		words = append(words, fmt.Sprint(v))
	}
	if len(words) <= 8 {
		said = fmt.Sprintf("%s is none of %s", show(value), strings.Join(words, ", "))
	}
	if n, ok := value.(float64); ok && f.Type != "string" {
		return said + "; the nearest is " + show(nearestNumber(n, f.Enum))
	}
	if near := nearest(fmt.Sprint(value), words); near != "" {
		return said + "; the nearest is " + near
	}
	if len(words) > 8 {
		return fmt.Sprintf("%s; one is %v", said, f.Examples[0])
	}
	return said
}

// outside says that a duration of a field is out of its bounds; "" when it isn't.
func outside(d schema.Duration, f *schema.Field) string {
	least, _ := time.ParseDuration(f.Shortest) // a test parses them
	most, _ := time.ParseDuration(f.Longest)
	switch {
	case time.Duration(d) < least:
		return fmt.Sprintf("%v is too short; the least is %s", d, f.Shortest)
	case time.Duration(d) > most:
		return fmt.Sprintf("%v is too long; the most is %s", d, f.Longest)
	}
	return ""
}

func bound(n *json.Number) float64 {
	f, _ := n.Float64()
	return f
}

// keys lists the keys of an object.
func keys(f *schema.Field) string {
	var all []string
	for _, p := range f.Properties {
		all = append(all, p.Key)
	}
	return strings.Join(all, ", ")
}

// show writes a value as in the file, text in quotes and never long.
func show(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return quote(v)
	}
	return fmt.Sprint(v)
}

func quote(s string) string { return format.Quote(s) }
