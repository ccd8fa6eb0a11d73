package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/infra/schema"
)

// long is how many values are too many for a column.
const long = 10

// section writes the table of an object, then the sections of the objects in it.
func section(b *bytes.Buffer, title, path string, f *schema.Field) {
	fmt.Fprintf(b, "## %s\n\n", title)
	if path != "" {
		fmt.Fprintf(b, "%s\n\n", f.Description)
	}
	b.WriteString("| key | type | default | bounds | meaning | example |\n|---|---|---|---|---|---|\n")
	for _, p := range f.Properties {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", p.Key, kind(path, p), byDefault(f, p), bounds(p.Field), p.Description, example(p.Field))
	}
	b.WriteString("\n")
	for _, p := range f.Properties {
		if len(p.Enum) > long {
			fmt.Fprintf(b, "`%s` is one of %s.\n\n", p.Key, list(p.Enum))
		}
	}
	for _, p := range f.Properties {
		below := strings.TrimPrefix(path+"."+p.Key, ".")
		switch {
		case len(p.Properties) > 0:
			section(b, below, below, p.Field)
		case p.Items != nil && len(p.Items.Properties) > 0:
			items := *p.Items
			items.Description = p.Description
			section(b, below, below, &items)
		}
	}
}

// kind is the type in words, with a link to the section of an object.
func kind(path string, p schema.Property) string {
	link := func(words string) string {
		anchor := strings.ReplaceAll(strings.TrimPrefix(path+"."+p.Key, "."), ".", "")
		return fmt.Sprintf("[%s](#%s)", words, anchor)
	}
	switch {
	case len(p.Properties) > 0:
		return link("section")
	case p.Items != nil && len(p.Items.Properties) > 0:
		return link("list of sections")
	case p.Format == "go-duration":
		return "duration"
	}
	return map[string]string{
		"object": "keys with text", "array": "list of text", "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
	}[p.Type]
}

func byDefault(parent *schema.Field, p schema.Property) string {
	then := schema.Root().Then
	switch {
	case p.DefaultWords != "":
		return p.DefaultWords
	case p.Default != nil:
		return code(p.Default)
	case slices.Contains(parent.Required, p.Key):
		return "has to be written"
	case parent == schema.Root() && slices.Contains(then.Required, p.Key),
		parent == schema.Root().Get("aws") && slices.Contains(then.Get("aws").Required, p.Key):
		return "has to be written for the backend aws"
	}
	return ""
}

// bounds says in words what JSON schema says of a value.
func bounds(f *schema.Field) string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	switch {
	case len(f.Enum) > long:
		say("those below")
	case len(f.Enum) > 0:
		say("%s", list(f.Enum))
	case f.Minimum != nil && f.Maximum != nil:
		say("%s to %s", f.Minimum, f.Maximum)
	case f.Shortest != "":
		say("%s to %s", f.Shortest, f.Longest)
	}
	if f.Bounds != "" {
		say("%s", f.Bounds)
	}
	if f.PatternWords != "" {
		say("%s", f.PatternWords)
	}
	switch {
	case f.MinLength > 0:
		say("%d to %d characters", f.MinLength, f.MaxLength)
	case f.MaxLength > 0:
		say("at most %d characters", f.MaxLength)
	}
	if f.MaxItems > 0 {
		say("%d to %d", f.MinItems, f.MaxItems)
	}
	if f.MaxProperties == 1 {
		say("exactly one")
	} else if f.MaxProperties > 0 {
		say("at most %d", f.MaxProperties)
	}
	return strings.Join(all, "; ")
}

func example(f *schema.Field) string {
	if len(f.Examples) == 0 {
		return ""
	}
	return code(f.Examples[0])
}

// code writes a value in the way of YAML's one-line form; JSON is such a form.
func code(v any) string {
	if s, ok := v.(string); ok {
		return "`" + s + "`"
	}
	data, _ := json.Marshal(v) // it came from JSON
	return "`" + string(data) + "`"
}

func list(values []any) string {
	var all []string
	for _, v := range values {
		all = append(all, code(v))
	}
	return strings.Join(all, ", ")
}
