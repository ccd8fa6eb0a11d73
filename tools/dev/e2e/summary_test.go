package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// summaryLine is Bazel's "INFO: 7 processes: 4 internal, 3 remote."
var summaryLine = regexp.MustCompile(`(?m)^INFO: \d+ process(?:es)?: (.*)\.\s*$`)

// ran counts a build's actions by how they ran: "remote", "remote cache hit", "linux-sandbox" and so on. Bazel's own bookkeeping
// ("internal") and what was up to date ("action cache hit") are left out.
func (r result) ran(t *testing.T) map[string]int {
	t.Helper()
	counts, err := parseSummary(r.text)
	if err != nil {
		t.Fatalf("%v:\n%s", err, r.text)
	}
	delete(counts, "internal")
	delete(counts, "action cache hit")
	return counts
}

func parseSummary(text string) (map[string]int, error) {
	found := summaryLine.FindStringSubmatch(text)
	if found == nil {
		return nil, fmt.Errorf("Bazel printed no summary of processes")
	}
	counts := map[string]int{}
	for _, part := range strings.Split(found[1], ", ") {
		number, kind, _ := strings.Cut(part, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("summary %q: %w", found[0], err)
		}
		counts[kind] = n
	}
	return counts, nil
}

// onlyRan fails the test unless at least one action ran and every one of them in the given way.
func (r result) onlyRan(t *testing.T, kind string) {
	t.Helper()
	counts := r.ran(t)
	if counts[kind] == 0 || len(counts) != 1 {
		t.Errorf("ran %v, want all %s:\n%s", counts, kind, r.text)
	}
}

func TestParseSummary(t *testing.T) {
	counts, err := parseSummary("INFO: Elapsed time: 1s\nINFO: 9 processes: 4 internal, 3 remote cache hit, 2 linux-sandbox.\nINFO: Build\n")
	if want := "map[internal:4 linux-sandbox:2 remote cache hit:3]"; err != nil || fmt.Sprint(counts) != want {
		t.Errorf("got %v, %v; want %s", counts, err, want)
	}
	if _, err := parseSummary("ERROR: no\n"); err == nil {
		t.Error("no error for a text without a summary")
	}
}
