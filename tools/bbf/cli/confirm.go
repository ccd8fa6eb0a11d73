//go:build unix

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Confirm asks a question and takes only the given answer for a yes. Where nobody can be asked it is an error that names the flag to use.
func Confirm(in io.Reader, stderr io.Writer, question, answer string) error {
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
			return cluster.WithNext(errors.New("this has to be confirmed, and there is no terminal to ask on"), "look at what is shown above, then say --yes")
		}
	}
	fmt.Fprintf(stderr, "%s Type %s to go on: ", question, answer)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if strings.TrimSpace(line) != answer {
		return errors.New("nothing was changed")
	}
	return nil
}
