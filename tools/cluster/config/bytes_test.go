package config_test

import (
	"strings"
	"testing"
	"unicode/utf16"
)

// What is wrong with a text before it is YAML, written here because an editor would mend it.
func TestBytes(t *testing.T) {
	wide := "\xff\xfe"
	for _, u := range utf16.Encode([]rune("backend: local\n")) {
		wide += string([]byte{byte(u), byte(u >> 8)})
	}
	for _, test := range []struct{ name, text, want string }{
		{"WhenItIsLatin1", "backend: local\naws: {tags: {a: f\xfcr}}\n", "bbf.yaml:2:18: byte 0xfc is not UTF-8; save the file as UTF-8"},
		{"WhenItIsUTF16", wide, "bbf.yaml:1:1: the file is UTF-16; save it as UTF-8"},
		{"WhenItIsAProgram", "\x7fELF\x02\x01\x00", "bbf.yaml:1:1: character U+007F can't be in here"},
		{"WhenItHasAZeroByte", "backend: lo\x00cal\n", "bbf.yaml:1:12: character U+0000 can't be in here"},
		{"WhenItHasABell", "# \a\nbackend: local\n", "bbf.yaml:1:3: character U+0007 can't be in here"},
		{"WhenASpaceIsNoSpace", "workers:\n\u00a0 cpu: 4\n", "bbf.yaml:2:1: U+00A0 is in the indentation; YAML is indented with spaces"},
		{"WhenItHasAMarkInTheMiddle", "cluster: a\ufeffb\n", "bbf.yaml:1:11: character U+FEFF can't be in here"},
		{"WhenItIsHuge", "# " + strings.Repeat("x", 64<<10), "bbf.yaml:1:1: the file is larger than 64 KiB, so it can't be a configuration"},
		{"WhenALineHasAnAccent", "cluster: bâtiments\n", `bbf.yaml:1:1: cluster: "bâtiments" has to be small letters, digits and single hyphens, beginning with a letter; the nearest is b-timents`},
		{"WhenAColumnFollowsAnAccent", "{\"é\": 1, backend: local}\n", "bbf.yaml:1:2: \"é\": is unknown; the keys here are cluster, backend, aws, images, server, workers, auth, access, idle"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(said(t, test.text), "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
