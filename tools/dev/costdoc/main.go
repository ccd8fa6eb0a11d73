// Command costdoc writes the tables of docs/cost.md from the table of prices.
//
//	go run ./tools/dev/costdoc [-check]
//
// With -check it writes nothing, and fails when the tables are not up to date.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/bbf-build/bbf/tools/cluster/aws/cost"
)

const (
	file  = "docs/cost.md"
	begin = "<!-- begin: written by `go run ./tools/dev/costdoc` -->\n"
	end   = "<!-- end -->\n"
)

func main() {
	check := flag.Bool("check", false, "fail when the file isn't up to date, and write nothing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintf(os.Stderr, "costdoc: %v\n", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	want, err := replace(have, tables(cost.Embedded()))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	switch {
	case bytes.Equal(have, want):
		return nil
	case check:
		return fmt.Errorf("%s is not up to date: go run ./tools/dev/costdoc", file)
	}
	return os.WriteFile(file, want, 0o666)
}

// replace puts the text between the two marks.
func replace(doc []byte, text string) ([]byte, error) {
	head, rest, found := bytes.Cut(doc, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, errors.New("it has lost the marks between which the tables are")
	}
	return bytes.Join([][]byte{head, []byte(begin), []byte(text), []byte(end), tail}, nil), nil
}
