package evaluate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// setParameters takes the values given, and the defaults of the rest, and holds them against the template's constraints.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (e *evaluation) setParameters(given map[string]string) error {
	for name := range given {
		if e.Parameters[name] == nil {
			return fmt.Errorf("the template has no parameter %s", name)
		}
	}
	for name, p := range e.Parameters {
		declared := p.(map[string]any)
		text, ok := given[name]
		if !ok {
			if declared["Default"] == nil {
				return fmt.Errorf("parameter %s has no value", name)
			}
			text = fmt.Sprint(declared["Default"])
		}
		values := []string{text}
		if declared["Type"] == "CommaDelimitedList" {
			values = strings.Split(text, ",")
			e.parameters[name] = split(text, ",")
		} else {
			e.parameters[name] = text
		}
		for _, v := range values {
			if !allowed(declared, v) {
				return fmt.Errorf("parameter %s may not be %q", name, v)
			}
		}
	}
	return nil
}

func allowed(declared map[string]any, value string) bool {
	if list, ok := declared["AllowedValues"].([]any); ok && !slices.ContainsFunc(list, func(v any) bool { return fmt.Sprint(v) == value }) {
		return false
	}
	if pattern, ok := declared["AllowedPattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(value) {
		return false
	}
	if declared["Type"] == "Number" {
		n, err := strconv.ParseFloat(value, 64)
		return err == nil && within(declared, "MinValue", "MaxValue", n)
	}
	return within(declared, "MinLength", "MaxLength", float64(len(value)))
}

func within(declared map[string]any, least, most string, n float64) bool {
	if v, ok := declared[least]; ok && n < number(v) {
		return false
	}
	v, ok := declared[most]
	return !ok || n <= number(v)
}

func number(v any) float64 {
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		panic(err)
	}
	return n
}
