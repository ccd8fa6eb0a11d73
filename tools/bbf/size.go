//go:build unix

package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sizeFlag is a number of bytes, with a unit or without: 500M, 20G, 20GiB, 1T. Units are powers of 1024.
type sizeFlag int64

var units = []struct {
	letter string
	bytes  int64
}{{"T", 1 << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}}

func (s *sizeFlag) Type() string { return "size" }

func (s *sizeFlag) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10)
}

func (s *sizeFlag) Set(text string) error {
	digits := strings.TrimRight(text, "TGMKtgmkiIBb")
	unit := strings.ToUpper(text[len(digits):])
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	n, err := strconv.ParseFloat(digits, 64)
	for _, u := range units {
		if err == nil && u.letter == unit && n > 0 && n*float64(u.bytes) < math.MaxInt64/2 {
			*s = sizeFlag(n * float64(u.bytes))
			return nil
		}
	}
	return fmt.Errorf("%q is no size like 500M or 20G", text)
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	for _, u := range units {
		if u.letter != "" && bytes >= u.bytes {
			return fmt.Sprintf("%.1f %siB", float64(bytes)/float64(u.bytes), u.letter)
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
