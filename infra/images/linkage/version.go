package linkage

import (
	"cmp"
	"strconv"
	"strings"
)

// compareVersions puts GLIBC_2.4 before GLIBC_2.34; what is no number comes first.
func compareVersions(a, b string) int {
	x, y := numbers(a), numbers(b)
	for i := range x {
		if c := cmp.Compare(x[i], y[i]); c != 0 {
			return c
		}
	}
	return strings.Compare(a, b)
}

func numbers(version string) (n [3]int) {
	rest, ok := strings.CutPrefix(version, "GLIBC_")
	if !ok {
		return n
	}
	for i, part := range strings.SplitN(rest, ".", 3) {
		n[i], _ = strconv.Atoi(part) // GLIBC_PRIVATE is 0
	}
	return n
}
