package format

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// spelled is a duration as people write it: a number and a word.
var spelled = regexp.MustCompile(`^([0-9]+) *([a-z]*)\.?$`)

// Duration accepts what Go's time.ParseDuration does.
func Duration(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case err == nil && d < 0:
		return errors.New("is less than nothing")
	case err == nil && d == 0:
		return errors.New("is no time at all; write a number and a unit, such as 20m or 12h")
	case err == nil:
		return nil
	}
	const why = "is no duration"
	m := spelled.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return errors.New(why + "; write a number and a unit, such as 20m or 12h")
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n > 1e6 {
		return errors.New(why)
	}
	switch unit := m[2]; {
	case unit == "":
		return fmt.Errorf("has no unit; write %dm or %dh", n, n)
	case unit[0] == 'd':
		return fmt.Errorf("%s; the nearest is %dh", why, 24*n)
	case unit[0] == 'w':
		return fmt.Errorf("%s; the nearest is %dh", why, 7*24*n)
	case strings.ContainsRune("hms", rune(unit[0])):
		return fmt.Errorf("%s; the nearest is %d%c", why, n, unit[0])
	}
	return errors.New(why + "; the units are h, m and s")
}
