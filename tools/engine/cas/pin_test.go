package cas_test

import (
	"testing"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

func TestPin(t *testing.T) {
	s := open(t, t.TempDir(), 10*block)
	a, b := put(t, s, "a"), put(t, s, "b")
	x, y := digest.Of([]byte("x")), digest.Of([]byte("y"))
	isMissing(t, s.Pin([]digest.Digest{a, x, b, a, y, x}), x, y)
	// Nothing is pinned, so both may go.
	fill(t, s, "other", 20)
	eventually(t, "the store is within its bound", within(s))
	if m := s.Missing([]digest.Digest{a, b}); len(m) != 2 {
		t.Fatalf("only %v are gone", m)
	}
}
