// Package version says which bbf this is.
package version

import (
	"strconv"
	"strings"
)

// Version is the one place where bbf's own version is written. MODULE.bazel carries the same.
const Version = "0.1.0"

// Newer reports whether version a comes after version b. Both are MAJOR.MINOR.PATCH, with anything after a
// hyphen ignored; what is not a number counts as 0, so that a broken version is never the newer one.
func Newer(a, b string) bool {
	x, y := parts(a), parts(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] > y[i]
		}
	}
	return false
}

func parts(v string) (p [3]int) {
	v, _, _ = strings.Cut(v, "-")
	for i, s := range strings.SplitN(v, ".", len(p)) {
		p[i], _ = strconv.Atoi(s) // 0 when it is no number, as promised
	}
	return p
}
