package config

import (
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// syntaxError is what the parser's errors are; it doesn't export their type.
type syntaxError interface {
	GetMessage() string
	GetToken() *token.Token
}

// syntaxWords says in our words what the parser means. The first whose key is part of its message counts.
var syntaxWords = []struct{ message, words string }{
	{"alias", `* begins an alias, which can't be used here; text that begins with * needs quotes: "*"`},
	{"anchor", `& begins an anchor, which can't be used here; text that begins with & needs quotes`},
	{"tag", "! begins a tag, which can't be used here; text that begins with ! needs quotes"},
	{"directive", "% can't begin a value; put the value into quotes"},
	{"reserved character", "this character can't begin a value; put the value into quotes"},
	{"end character of", "a quote is opened here and not closed"},
	{"sequence end token", "[ is opened here and not closed"},
	{"flow mapping end token", "{ is opened here and not closed"},
	{"'}'", "a comma or } is missing before this"},
	{"']'", "a comma or ] is missing before this"},
	{"non-map value", "this is no key with a value"},
	{"mapping value is not allowed", "a key can't be here"},
	{"flow map content", "a key is wanted after {; text that begins with { needs quotes"},
	{"an invalid key", "this is no plain key"},
	{"not allowed in this context", "this can't be here; is the line indented as the others that it belongs to?"},
}

// syntax reports what the parser said of the text.
func (r *report) syntax(text string, err error) {
	at, words := place{1, 1}, "this is no YAML"
	var syntax syntaxError
	if errors.As(err, &syntax) {
		words = "this is no YAML: " + strings.ReplaceAll(syntax.GetMessage(), "\n", " ")
		for _, s := range syntaxWords {
			if strings.Contains(syntax.GetMessage(), s.message) {
				words = s.words
				break
			}
		}
		if t := syntax.GetToken(); t != nil {
			at = place{t.Position.Line, t.Position.Column}
		}
		if strings.HasPrefix(syntax.GetMessage(), "mapping value is not allowed") {
			at, words = misplaced(strings.Split(text, "\n"), at)
		}
	}
	r.addAt(at, "", "%s%s", words, spacing(text, at.line))
}

// misplaced finds out why there is a key where none can be; the parser points at the value before it.
func misplaced(lines []string, at place) (place, string) {
	before := []rune(lines[at.line-1])
	value := string(before[min(at.column-1, len(before)):])
	switch {
	case strings.Contains(value, ": "):
		return at, `the value has ": " in it; put it into quotes`
	case strings.HasPrefix(value, "*"):
		return at, syntaxWords[0].words
	}
	for i, line := range lines[at.line:] {
		if rest := strings.TrimLeft(line, " "); strings.TrimSpace(rest) != "" && rest[0] != '#' {
			return place{at.line + 1 + i, len(line) - len(rest) + 1}, "this is indented as if it belonged to the line before it, which has a value already"
		}
	}
	return at, "a key can't be here"
}

var (
	tightColon = regexp.MustCompile(`^[ -]*[A-Za-z_]+:[^ /]`)
	equalsSign = regexp.MustCompile(`^[ -]*[A-Za-z_]+ *=`)
	noColon    = regexp.MustCompile(`^[ -]*[A-Za-z_]+ +[^ :]+$`)
)

// spacing guesses how a line that should be a key and its value fails to be one.
func spacing(text string, number int) string {
	lines := strings.Split(text, "\n")
	if number > len(lines) {
		return ""
	}
	switch line := strings.TrimRight(lines[number-1], "\r "); {
	case tightColon.MatchString(line):
		return "; a space is missing after the colon"
	case equalsSign.MatchString(line):
		return "; it is written `key: value`, not with ="
	case noColon.MatchString(line):
		return "; it is written `key: value`, with a colon"
	}
	return ""
}

// parse returns the only document of the text; nil when there is none or it was reported why.
func (r *report) parse(text string) (document, bool) {
	// Duplicate keys are reported by us, all of them and with their paths.
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(text, err)
		return nil, false
	}
	var body document
	for _, d := range file.Docs {
		switch {
		case d.Body == nil || isDirective(d.Body):
		case body != nil:
			r.addAt(placeOf(d.Body), "", "a second document begins here; the file may have only one")
			return nil, false
		default:
			body = d.Body
		}
	}
	if body == nil {
		r.addAt(place{1, 1}, "", "the file is empty; write `backend: local` into it, or remove it")
		return nil, false
	}
	return body, true
}
