package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/bbf-build/bbf/infra/schema"
)

var amount = regexp.MustCompile(`^([0-9_.]+) *([A-Za-z]*)$`)

// meant guesses the value that a value of a wrong type stands for.
func meant(value any, f *schema.Field) string {
	switch v := value.(type) {
	case float64:
		if f.Format == "go-duration" {
			return "it with a unit: " + show(v) + "m"
		}
		if f.Type == "string" && f.Pattern == "" {
			return `it in quotes: "` + show(v) + `"`
		}
		if f.Type == "integer" {
			return show(math.Round(v))
		}
	case bool:
		if f.Type == "string" {
			return fmt.Sprintf(`it in quotes: "%t"`, v)
		}
	case string:
		if chosen := f.Get(v); chosen != nil && chosen.Type == "object" {
			return "{" + v + ": {}}"
		}
		if f.Type == "boolean" {
			return map[string]string{"yes": "true", "on": "true", "y": "true", "true": "true", "no": "false", "off": "false",
				"n": "false", "false": "false"}[strings.ToLower(v)]
		}
		m := amount.FindStringSubmatch(strings.TrimSpace(v))
		if m == nil || f.Type != "integer" && f.Type != "number" {
			return ""
		}
		amount, err := strconv.ParseFloat(strings.ReplaceAll(m[1], "_", ""), 64)
		if err != nil {
			return ""
		}
		if unit := strings.ToUpper(m[2]); strings.HasPrefix(unit, "G") && f.Maximum != nil && amount*1024 <= bound(f.Maximum) {
			amount *= 1024
		}
		return show(amount)
	}
	return ""
}

// nearestNumber takes CPU units for what they are: 1024 of them are one vCPU.
func nearestNumber(n float64, offered []any) float64 {
	best := offered[0].(float64)
	for _, o := range offered {
		o := o.(float64)
		if n == o*1024 {
			return o
		}
		if math.Abs(o-n) < math.Abs(best-n) {
			best = o
		}
	}
	return best
}

// inMiB helps who wrote GiB.
func inMiB(loc []string, value any) string {
	if gib, ok := value.(float64); ok && loc[len(loc)-1] == "memory" && gib > 0 {
		return fmt.Sprintf(" (it is in MiB: %s GiB are %s)", show(gib), show(gib*1024))
	}
	return ""
}

// nearestName changes a name as little as the pattern asks for.
func nearestName(value any, f *schema.Field) string {
	var b strings.Builder
	for _, c := range strings.ToLower(fmt.Sprint(value)) {
		if c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			c = '-'
		}
		b.WriteRune(c)
	}
	words := strings.FieldsFunc(b.String(), func(c rune) bool { return c == '-' })
	name := strings.TrimLeft(strings.Join(words, "-"), "-0123456789")
	if f.MaxLength > 0 && len(name) > f.MaxLength {
		name = strings.TrimRight(name[:f.MaxLength], "-")
	}
	if ok, err := regexp.MatchString(f.Pattern, name); err != nil || !ok {
		return ""
	}
	return "; the nearest is " + name
}
