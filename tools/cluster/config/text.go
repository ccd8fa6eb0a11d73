package config

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSize is in bytes. The longest list of rights that a manager can hold is far below it, and the YAML parser takes seconds for
// some texts that are longer.
const maxSize = 64 << 10

// text checks what has to be right before there is YAML to speak of, and returns the text without a byte order mark.
func (r *report) text(data []byte) string {
	if len(data) > maxSize {
		r.addAt(place{1, 1}, "", "the file is larger than %d KiB, so it can't be a configuration", maxSize>>10)
		return ""
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		r.addAt(place{1, 1}, "", "the file is UTF-16; save it as UTF-8")
		return ""
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for i, line := range strings.Split(string(data), "\n") {
		r.line(i+1, strings.TrimSuffix(line, "\r"))
		if len(r.mistakes) > 0 && !utf8.Valid(data) {
			break // one is enough to know that the whole file is something else
		}
	}
	return string(data)
}

// line reports the first wrong character of a line. (The parser wants no tab in front of comments and in empty lines either.)
func (r *report) line(number int, line string) {
	indent := len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace))
	column := 0
	for i, c := range line {
		column++
		at := place{number, column}
		switch {
		case c == utf8.RuneError && strings.HasPrefix(line[i:], string(utf8.RuneError)): // it is written there, rightly
		case c == utf8.RuneError:
			r.addAt(at, "", "byte 0x%02x is not UTF-8; save the file as UTF-8", line[i])
			return
		case i < indent && c == '\t':
			r.addAt(at, "", "a tab is in the indentation; YAML is indented with spaces")
			return
		case i < indent && c != ' ':
			r.addAt(at, "", "%U is in the indentation; YAML is indented with spaces", c)
			return
		case c != '\t' && (unicode.IsControl(c) || c == '\ufeff' || c == '\u2028' || c == '\u2029'):
			r.addAt(at, "", "character %U can't be in here", c)
			return
		}
	}
}
