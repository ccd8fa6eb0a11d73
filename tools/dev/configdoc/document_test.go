package main

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/schema"
)

// Every field is explained: it has a row, a meaning and, unless it is a section, an example.
func TestDocumentHasEveryField(t *testing.T) {
	content, err := document()
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	var walk func(title string, f *schema.Field)
	walk = func(title string, f *schema.Field) {
		_, text, found := strings.Cut(page, "\n## "+title+"\n")
		if !found {
			t.Errorf("there is no section %s", title)
		}
		text, _, _ = strings.Cut(text, "\n## ")
		for _, p := range f.Properties {
			path := strings.TrimPrefix(title+"."+p.Key, "The file.")
			_, row, found := strings.Cut(text, "\n| `"+p.Key+"` |")
			row, _, _ = strings.Cut(row, "\n")
			if !found || p.Description == "" || !strings.Contains(row, p.Description) {
				t.Errorf("%s is not explained: %s", path, row)
			}
			switch {
			case len(p.Properties) > 0:
				walk(path, p.Field)
			case p.Items != nil && len(p.Items.Properties) > 0:
				walk(path, p.Items)
			case len(p.Examples) == 0:
				t.Errorf("%s has no example", path)
			}
			if strings.Count(row, "|") != 5 {
				t.Errorf("the row of %s breaks the table: %s", path, row)
			}
		}
	}
	walk("The file", schema.Root())
}

func TestBounds(t *testing.T) {
	root := schema.Root()
	for want, f := range map[string]*schema.Field{
		"`local`, `aws`": root.Get("backend"),
		"5m to 24h":      root.Get("idle"),
		"0 to 1000":      root.Get("workers").Get("min"),
		"those below":    root.Get("aws").Get("region"),
		"exactly one":    root.Get("auth"),
		"1 to 200":       root.Get("access"),
		"what S3 takes as a name; 3 to 63 characters":                                              root.Get("aws").Get("bucket"),
		"small letters, digits and single hyphens, beginning with a letter; at most 24 characters": root.Get("cluster"),
	} {
		if got := bounds(f); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
