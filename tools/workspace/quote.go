package workspace

import (
	"errors"
	"strings"
)

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@=+,%~"

// Quote writes one argument the way Bazel reads it in an rc file: split at blanks, with shell-like quotes, and
// with # starting a comment. A line break can't be written at all.
func Quote(arg string) (string, error) {
	if strings.ContainsAny(arg, "\n\r\x00") {
		return "", errors.New("it has a line break or a zero byte in it")
	}
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(arg) + `"`, nil
}

// Unquote reads what Quote wrote.
func Unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}
