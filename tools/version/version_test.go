package version_test

import (
	"testing"

	"github.com/bbf-build/bbf/tools/version"
)

func TestNewer(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"0.1.0", "0.1.0", false},
		{"0.1.1", "0.1.0", true},
		{"0.10.0", "0.9.9", true},
		{"1.0.0", "0.99.99", true},
		{"0.1.0", "0.1.1", false},
		{"", "0.1.0", false},
		{"0.2.0-rc1", "0.1.0", true},
	} {
		if got := version.Newer(c.a, c.b); got != c.want {
			t.Errorf("Newer(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
