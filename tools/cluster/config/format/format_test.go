package format_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/config/format"
)

// What is right has to pass: a wrong refusal is worse than a mistake that AWS finds. (What is refused, and with what words, is in
// tools/cluster/config/testdata.)
func TestAccepted(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0f", 32)
	accepted := map[string][]string{
		"bucket":      {"abc", "acme-builds", "acme.builds.eu", "1-2-3", strings.Repeat("a", 63), "a--b", "xn-acme"},
		"ca-arn":      {"arn:aws-us-gov:acm-pca:us-gov-west-1:123456789012:certificate-authority/11223344-1234-1122-2233-112233445566"},
		"cidr":        {"10.0.0.0/16", "10.255.255.192/26", "172.16.0.0/16", "172.31.0.0/20", "192.168.0.0/16", "100.64.0.0/24"},
		"folder":      {"certificates", "a/b/c", "./a", "a/../b", "..a", "."},
		"go-duration": {"20m", "12h", "1h30m", "1.5h", "90s", "300s"},
		"https-url":   {"https://cfssl", "https://cfssl.acme.example:8888/api", "https://[::1]:8888"},
		"image": {
			"debian", "debian:bookworm", "debian" + digest, "debian:bookworm" + digest, "library/debian", "localhost/a", "localhost:5000/a",
			"123456789012.dkr.ecr.eu-west-1.amazonaws.com/bbf/acme/server:current", "gcr.io/a_b/c__d/e--f:V1.0_x", "REGISTRY.example/a",
		},
		"log-group":  {"/bbf/acme", "a", "aws", "/aws/bbf", "a.b#c_d-e"},
		"policy-arn": {"arn:aws:iam::123456789012:policy/a", "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws-cn:iam::123456789012:policy/a/b/c+d=e,f.g@h-i_j"},
		"principal-pattern": {
			"*", "arn:*", "arn:aws:iam::123456789012:*", "arn:aws:iam::123456789012:role/*", "arn:aws:iam::*:role/ci",
			"arn:aws:iam::123456789012:user/team/alice", "arn:aws:iam::123456789012:root", "arn:aws:sts::123456789012:assumed-role/ci/i-*",
			"arn:aws:sts::123456789012:federated-user/bob", "arn:aws*:*::123456789012:*/ci", "arn:aws:iam::123456789012:r*",
			"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Builders_0123456789abcdef",
			"arn:aws:sts::123456789012:assumed-role/ci/alice@acme.example",
		},
		"tag-value": {"", "build", "a b", "1234", "https://x/y", "é", "a_b.c:d/e=f+g-h@i", strings.Repeat("x", 256)},
	}
	for name, check := range format.All {
		if len(accepted[name]) == 0 {
			t.Errorf("%s is not tried", name)
		}
		for _, text := range accepted[name] {
			if err := check(text); err != nil {
				t.Errorf("%s: %q %v", name, text, err)
			}
		}
	}
}

func TestTagKey(t *testing.T) {
	for key, fine := range map[string]bool{
		"team": true, "Cost Center": true, "awsome": true, "acme:team": true, strings.Repeat("x", 128): true,
		"": false, "aws:x": false, "AWS:x": false, "bbf:x": false, "a!": false, strings.Repeat("x", 129): false,
	} {
		if err := format.TagKey(key); (err == nil) != fine {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// The schema has no format that nobody checks.
func TestFormatsOfTheSchema(t *testing.T) {
	var walk func(f *schema.Field)
	walk = func(f *schema.Field) {
		if f == nil {
			return
		}
		if f.Format != "" && format.All[f.Format] == nil {
			t.Errorf("%s is not checked", f.Format)
		}
		for _, p := range f.Properties {
			walk(p.Field)
		}
		walk(f.Items)
		walk(f.Values.Field)
	}
	walk(schema.Root())
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"a":                           `"a"`,
		"a\nb":                        `"a\nb"`,
		"https://user:secret@host/":   `"https://…@host/"`,
		strings.Repeat("ä", 61):       `"` + strings.Repeat("ä", 60) + `…"`,
		"https://host/path@elsewhere": `"https://host/path@elsewhere"`,
	} {
		if got := format.Quote(text); got != want {
			t.Errorf("%q is shown as %s", text, got)
		}
	}
}
