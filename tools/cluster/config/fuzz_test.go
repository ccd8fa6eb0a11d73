package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/config"
)

// FuzzParse: whatever the bytes, there is either a configuration or mistakes, each one line with a place in the file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(team))
	files, _ := filepath.Glob("testdata/mistakes/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, text := range strings.Split(string(data), "\n== ") {
			_, text, _ = strings.Cut(text, "\n")
			text, _, _ = strings.Cut(text, "\n=>")
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse("bbf.yaml", data)
		if err == nil {
			if c == nil || c.Backend == "" || c.Workers.Max < c.Workers.Min || c.Workers.Default > c.Workers.Max {
				t.Errorf("%+v", c)
			}
			return
		}
		mistakes, ok := err.(config.Mistakes)
		if !ok || len(mistakes) == 0 || c != nil {
			t.Fatalf("%v and %#v", c, err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, m := range mistakes {
			if m.Line < 1 || m.Line > lines || m.Column < 1 || m.Text == "" || strings.ContainsAny(m.String(), "\r\n") {
				t.Errorf("%+v", m)
			}
		}
	})
}
