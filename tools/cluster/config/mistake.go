package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in the file.
type Mistake struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in characters
	Path   string `json:"path"`   // of the field, as in workers.memory or access[0].role; "" when it is about the whole file
	Text   string `json:"text"`   // one line
}

// String is the whole line.
func (m Mistake) String() string {
	place := fmt.Sprintf("%s:%d:%d: ", m.File, m.Line, m.Column)
	if m.Path == "" {
		return place + m.Text
	}
	return place + m.Path + ": " + m.Text
}

// Mistakes are all that were found, in the order of the file.
type Mistakes []Mistake

// Error has a line for each mistake, but no more than twenty of them.
func (m Mistakes) Error() string {
	const most = 20
	var lines []string
	for _, mistake := range m[:min(len(m), most)] {
		lines = append(lines, mistake.String())
	}
	if len(m) > most {
		lines = append(lines, fmt.Sprintf("%s: and %d more mistakes", m[0].File, len(m)-most))
	}
	return strings.Join(lines, "\n")
}

// place is a position in the file; both count from 1.
type place struct{ line, column int }

// report collects mistakes while a file is read.
type report struct {
	file     string
	root     *node
	mistakes Mistakes
	wrong    map[string]bool // paths that have a mistake already
}

// addAt adds a mistake that knows its place. A field has one mistake at most: what follows from it would only confuse.
func (r *report) addAt(at place, path, format string, args ...any) {
	if path != "" && r.wrong[path] {
		return
	}
	if r.wrong == nil {
		r.wrong = map[string]bool{}
	}
	r.wrong[path] = true
	r.mistakes = append(r.mistakes, Mistake{r.file, at.line, at.column, path, fmt.Sprintf(format, args...)})
}

// add adds a mistake of the field at loc, which is where the field is, or where it would have to be.
func (r *report) add(loc []string, format string, args ...any) {
	r.addAt(r.root.at(loc), r.root.path(loc), format, args...)
}

// sorted is the error of Parse.
func (r *report) sorted() error {
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path))
	})
	return r.mistakes
}
