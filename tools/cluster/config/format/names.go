package format

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var logGroup = regexp.MustCompile(`^[a-zA-Z0-9_/.#-]+$`)

// LogGroup accepts the name of a log group
// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html).
func LogGroup(s string) error {
	switch {
	case strings.HasPrefix(s, "aws/"):
		return fmt.Errorf("begins with aws/, which is kept for AWS; the nearest is %s", Quote(strings.TrimPrefix(s, "aws")))
	case !logGroup.MatchString(s):
		return errors.New("has to be letters, digits and the characters _ - / . #")
	}
	return nil
}

// TagKey accepts the key of a tag that isn't kept for AWS or for bbf
// (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html).
func TagKey(s string) error {
	lower := strings.ToLower(s)
	switch {
	case strings.HasPrefix(lower, "aws:"):
		return errors.New("begins with aws:, which is kept for AWS")
	case strings.HasPrefix(lower, "bbf:"):
		return errors.New("begins with bbf:, which bbf keeps for itself")
	case s == "":
		return errors.New("is empty")
	}
	return tagText(s, 128)
}

// TagValue accepts the value of a tag.
func TagValue(s string) error { return tagText(s, 256) }

func tagText(s string, most int) error {
	if n := utf8.RuneCountInString(s); n > most {
		return fmt.Errorf("has %d characters; the most is %d", n, most)
	}
	for _, c := range s {
		if !unicode.IsLetter(c) && !unicode.IsNumber(c) && !strings.ContainsRune(" _.:/=+-@", c) {
			return fmt.Errorf("has a %s in it; letters, digits, spaces and _ . : / = + - @ are allowed", Quote(string(c)))
		}
	}
	return nil
}

// Folder accepts a folder inside the workspace.
func Folder(s string) error {
	clean := path.Clean(s)
	switch {
	case s == "":
		return errors.New("is empty; leave it out to have the certificates in the bucket")
	case strings.Contains(s, `\`):
		return errors.New("has a backslash in it; folders are separated by /")
	case path.IsAbs(s) || strings.HasPrefix(s, "~"):
		return errors.New("is not relative to the workspace")
	case clean == ".." || strings.HasPrefix(clean, "../"):
		return errors.New("leads out of the workspace")
	}
	return nil
}

// HTTPS accepts the address of a server that is asked for certificates: whoever could change its answers could be anybody.
func HTTPS(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("is no address, such as https://cfssl.acme.example:8888")
	case u.Scheme == "http":
		return fmt.Errorf("is not encrypted; the nearest is %s", Quote("https"+strings.TrimPrefix(s, "http")))
	case u.User != nil:
		return errors.New("has a user or password in it, which this file is no place for")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("has a ? or # in it; write the server's address alone")
	}
	return nil
}
