package main

import (
	"os"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

func TestTheDocumentIsUpToDate(t *testing.T) {
	t.Chdir("../../..")
	if _, err := os.Stat(file); err != nil {
		t.Skip("docs/ isn't here: Bazel runs this test without it, and tools/dev/test with -check")
	}
	if err := run(true); err != nil {
		t.Error(err)
	}
}

func TestReplace(t *testing.T) {
	t.Run("WhenTheMarksAreThere", func(t *testing.T) {
		got, err := replace([]byte("a\n"+begin+"old\n"+end+"z\n"), "new\n")
		if want := "a\n" + begin + "new\n" + end + "z\n"; err != nil || string(got) != want {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("WhenAMarkIsGone", func(t *testing.T) {
		if _, err := replace([]byte("a\n"+begin+"old\n"), "new\n"); err == nil {
			t.Error("a document without the end mark was written over")
		}
	})
}

func TestAllPricesOfTheExamplesAreKnown(t *testing.T) {
	p := cost.Embedded()
	for _, e := range []cost.Estimate{p.Hour(region, server, workers(2, false)), p.Hour(region, server, workers(20, true)), p.Month(region, cost.Usual())} {
		if !e.Known() {
			t.Errorf("an example has no price for %v", e.Missing())
		}
	}
	if text := tables(p); !strings.Contains(text, "| **sum** | | | **about ") {
		t.Error("the example with Spot doesn't say that its price changes")
	}
}
