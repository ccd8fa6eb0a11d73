//go:build unix

package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/bbf/cli"
)

func TestLiveWhereThereIsNoTerminal(t *testing.T) {
	var b bytes.Buffer
	l := cli.NewLive(&b)
	l.Show("a", "a starts", false)
	l.Show("a", "a starts", false)
	l.Show("b", "b starts", false)
	l.Show("a", "a runs", true)
	l.Done()
	if want := "bbf: a starts\nbbf: b starts\nbbf: a runs\n"; b.String() != want {
		t.Fatalf("got %q, want %q", b.String(), want)
	}
}

func TestConfirm(t *testing.T) {
	for name, c := range map[string]struct {
		in string
		ok bool
	}{
		"WhenItIsTyped":            {"acme\n", true},
		"WhenItIsTypedWithSpaces":  {" acme \n", true},
		"WhenSomethingElseIsTyped": {"yes\n", false},
		"WhenNothingIsTyped":       {"\n", false},
		"WhenTheInputEnds":         {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			var asked bytes.Buffer
			err := cli.Confirm(strings.NewReader(c.in), &asked, "Really?", "acme")
			if (err == nil) != c.ok || !strings.Contains(asked.String(), "Really? Type acme") {
				t.Fatal(err, asked.String())
			}
		})
	}
}
