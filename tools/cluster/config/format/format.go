// Package format has a check for each format of text that bbf.yaml's schema names. Their errors go on where the text in quotes
// has begun the sentence: "…" is longer than 63 characters.
package format

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

// All are the checks by the name of their format.
var All = map[string]func(string) error{
	"bucket":            Bucket,
	"ca-arn":            CertificateAuthority,
	"cidr":              CIDR,
	"folder":            Folder,
	"go-duration":       Duration,
	"https-url":         HTTPS,
	"image":             Image,
	"log-group":         LogGroup,
	"policy-arn":        Policy,
	"principal-pattern": PrincipalPattern,
	"tag-value":         TagValue,
}

// credentials are what stands before the host in a URL.
var credentials = regexp.MustCompile(`://[^/@]*@`)

// Quote puts text into quotes, in one line that isn't too long to read and shows nobody's password.
func Quote(s string) string {
	s = credentials.ReplaceAllString(s, "://…@")
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}
