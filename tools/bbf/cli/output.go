//go:build unix

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Output is --output: text for people or JSON for programs.
type Output string

// AddOutput gives a verb the flag --output.
func AddOutput(cmd *cobra.Command) *Output {
	o := Output("text")
	cmd.Flags().Var(&o, "output", "text or json")
	return &o
}

// String is the format.
func (o *Output) String() string { return string(*o) }

// Type is what the flag takes.
func (o *Output) Type() string { return "format" }

// Set takes one of the formats.
func (o *Output) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("the formats are text and json")
	}
	*o = Output(s)
	return nil
}

// JSON tells whether a program reads.
func (o *Output) JSON() bool { return *o == "json" }

// WriteJSON writes a result for programs.
func WriteJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// NewProgress tells what goes on: on one line that changes where a terminal shows it, line by line elsewhere. Done
// clears that line, before results are printed.
func NewProgress(w io.Writer) (tell cluster.Progress, done func()) {
	if !Terminal(w) {
		return func(m string) { fmt.Fprintf(w, "bbf: %s\n", m) }, func() {}
	}
	return func(m string) { fmt.Fprintf(w, "\r\x1b[Kbbf: %s …", m) }, func() { fmt.Fprint(w, "\r\x1b[K") }
}

// Terminal tells whether what is written is seen on a terminal that knows control sequences.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	fi, err := f.Stat()
	return err == nil && fi.Mode()&os.ModeCharDevice != 0
}
