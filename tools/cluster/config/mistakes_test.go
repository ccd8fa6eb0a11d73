package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/config"
)

var update = flag.Bool("update", false, "write what Parse says into testdata/mistakes")

// TestMistakes goes through other people's mistakes. A file of testdata/mistakes has cases like
//
//	== WhenAKeyIsMisspelled
//	workers: {memroy: 8192}
//	=> bbf.yaml:1:11: workers.memroy: is unknown; did you mean memory?
//
// with one => for each mistake.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	cases := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var updated strings.Builder
		for _, text := range strings.Split("\n"+string(data), "\n== ")[1:] {
			name, text, _ := strings.Cut(strings.TrimSuffix(text, "\n")+"\n", "\n")
			text, want, _ := strings.Cut("\n"+text, "\n=>")
			text = strings.TrimPrefix(text+"\n", "\n")
			var got []string
			t.Run(name, func(t *testing.T) {
				got = said(t, text)
				if !*update && "=>"+want != lines(got) {
					t.Errorf("got\n%swant\n=>%s", lines(got), want)
				}
			})
			updated.WriteString("== " + name + "\n" + text + lines(got))
			cases++
		}
		if *update {
			if err := os.WriteFile(file, []byte(updated.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if cases < 100 {
		t.Errorf("only %d cases were found", cases)
	}
}

func lines(mistakes []string) string {
	return "=> " + strings.Join(mistakes, "\n=> ") + "\n"
}

// said are the lines of a text's mistakes; there has to be one, and each has to be a line with a place.
func said(t *testing.T, text string) []string {
	c, err := config.Parse("bbf.yaml", []byte(text))
	mistakes, ok := err.(config.Mistakes)
	if !ok || len(mistakes) == 0 || c != nil {
		t.Fatalf("no mistakes, but %v and %v", c, err)
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(mistakes) {
		t.Errorf("%d mistakes have %d lines", len(mistakes), len(got))
	}
	end := strings.Count(text, "\n") + 1
	for i, m := range mistakes {
		if m.Line < 1 || m.Line > end || m.Column < 1 || m.Text == "" || i > 0 && m.Line < mistakes[i-1].Line {
			t.Errorf("%d of %d: %+v", i, len(mistakes), m)
		}
	}
	return got
}
