//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/cluster"
)

// outputFlag is --output: text for people or JSON for programs.
type outputFlag string

func addOutput(cmd *cobra.Command) *outputFlag {
	o := outputFlag("text")
	cmd.Flags().Var(&o, "output", "text or json")
	return &o
}

func (o *outputFlag) String() string { return string(*o) }
func (o *outputFlag) Type() string   { return "format" }
func (o *outputFlag) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("the formats are text and json")
	}
	*o = outputFlag(s)
	return nil
}

func (o *outputFlag) json() bool { return *o == "json" }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// newProgress tells what goes on: on one line that changes where a terminal shows it, line by line elsewhere. Done
// clears that line, before results are printed.
func newProgress(w io.Writer) (tell cluster.Progress, done func()) {
	if !terminal(w) {
		return func(m string) { fmt.Fprintf(w, "bbf: %s\n", m) }, func() {}
	}
	return func(m string) { fmt.Fprintf(w, "\r\x1b[Kbbf: %s …", m) }, func() { fmt.Fprint(w, "\r\x1b[K") }
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	fi, err := f.Stat()
	return err == nil && fi.Mode()&os.ModeCharDevice != 0
}
