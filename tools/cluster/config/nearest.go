package config

import "strings"

// fold makes words alike that differ only in case and in how their parts are joined.
func fold(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
}

// nearest is the word of those that is most like s; "" when none is like it.
func nearest(s string, words []string) string {
	best, least := "", max(1, len(fold(s))/3)+1
	for _, w := range words {
		if d := distance(fold(s), fold(w)); d < least {
			best, least = w, d
		}
	}
	if best != "" || len(s) < 3 {
		return best
	}
	for _, w := range words { // an abbreviation, or a word with something around it
		if strings.HasPrefix(fold(w), fold(s)) || len(w) >= 3 && strings.Contains(fold(s), fold(w)) {
			return w
		}
	}
	return ""
}

// distance counts how many letters have to be changed, added, left out or swapped with the next to make b of a.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			differs := 1
			if a[i] == b[j] {
				differs = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+differs)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
