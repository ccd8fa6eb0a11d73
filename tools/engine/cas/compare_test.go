package cas_test

import (
	"os"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

func TestDeletedBehindItsBack(t *testing.T) {
	s := open(t, t.TempDir(), 1000*block)
	gone, stays := fill(t, s, "gone", 20), fill(t, s, "stays", 20)
	for _, d := range gone {
		if err := os.Remove(file(s, d)); err != nil {
			t.Fatal(err)
		}
	}
	if m := s.Missing(gone); len(m) != 0 {
		t.Fatalf("%d are known to be gone before any is looked at: Missing answers from memory", len(m))
	}
	if s.Has(gone[0]) {
		t.Fatal("a blob without a file is there")
	}
	if m := s.Missing(append([]digest.Digest{}, gone...)); len(m) != len(gone) {
		t.Fatalf("after one was found to be gone, %d of %d are known to be", len(m), len(gone))
	}
	if m := s.Missing(stays); len(m) != 0 {
		t.Fatalf("%d others went too", len(m))
	}
}
