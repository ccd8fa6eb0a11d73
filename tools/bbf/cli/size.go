//go:build unix

package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, with a unit or without: 500M, 20G, 20GiB, 1T. Units are powers of 1024.
type Size int64

var units = []struct {
	letter string
	bytes  int64
}{{"T", 1 << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}}

// Type is part of pflag.Value.
func (s *Size) Type() string { return "size" }

// String is part of pflag.Value.
func (s *Size) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10)
}

// Set is part of pflag.Value.
func (s *Size) Set(text string) error {
	digits := strings.TrimRight(text, "TGMKtgmkiIBb")
	unit := strings.ToUpper(text[len(digits):])
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	n, err := strconv.ParseFloat(digits, 64)
	for _, u := range units {
		if err == nil && u.letter == unit && n > 0 && n*float64(u.bytes) < math.MaxInt64/2 {
			*s = Size(n * float64(u.bytes))
			return nil
		}
	}
	return fmt.Errorf("%q is no size like 500M or 20G", text)
}

// Bytes writes a number of bytes for people.
func Bytes(bytes int64) string {
	for _, u := range units {
		if u.letter != "" && bytes >= u.bytes {
			return fmt.Sprintf("%.1f %siB", float64(bytes)/float64(u.bytes), u.letter)
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
