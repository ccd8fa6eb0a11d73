package certificates_test

import (
	"crypto/x509"
	"net/url"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/certificates"
)

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		id   certificates.Identity
		want string
	}{
		{alice, "bbf://acme/builder/arn:aws:sts::123456789012:assumed-role%2FBuilders%2Falice"},
		{server, "bbf://acme/server/0123456789abcdef0123456789abcdef"},
		{certificates.Identity{Cluster: "a-1", Role: certificates.RoleReader, Name: `%2f?#[]"\^,;=+~`}, "bbf://a-1/reader/%252f%3F%23%5B%5D%22%5C%5E%2C%3B=+~"},
	} {
		t.Run(c.want, func(t *testing.T) {
			if got := c.id.String(); got != c.want {
				t.Errorf("got %s", got)
			}
			if got, err := certificates.ParseIdentity(c.want); err != nil || got != c.id {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestIdentityRefused(t *testing.T) {
	for name, c := range map[string]struct{ uri, want string }{
		"Empty":               {"", "no name of a cluster"},
		"AnotherScheme":       {"https://acme/builder/x", "is bbf://acme/builder/x meant?"},
		"NoCluster":           {"bbf:///builder/x", "no name of a cluster"},
		"ClusterWithPort":     {"bbf://acme:1/builder/x", "no name of a cluster"},
		"ClusterUpperCase":    {"bbf://ACME/builder/x", "no name of a cluster"},
		"ClusterTooLong":      {"bbf://" + strings.Repeat("a", 25) + "/builder/x", "no name of a cluster"},
		"UnknownRole":         {"bbf://acme/admin/x", "the roles are reader, builder, worker, server"},
		"NoName":              {"bbf://acme/builder/", "no name"},
		"NoNameAtAll":         {"bbf://acme/builder", "no name"},
		"Dots":                {"bbf://acme/builder/..", "no name"},
		"NameTooLong":         {"bbf://acme/builder/" + strings.Repeat("x", 2049), "too many"},
		"NameWithSpace":       {"bbf://acme/builder/a%20b", "printable ASCII"},
		"NameWithZero":        {"bbf://acme/builder/a%00b", "printable ASCII"},
		"NameWithUmlaut":      {"bbf://acme/builder/%C3%A4", "printable ASCII"},
		"EscapedNeedlessly":   {"bbf://acme/builder/%61lice", "is bbf://acme/builder/alice meant?"},
		"EscapedInLowerCase":  {"bbf://acme/builder/a%2fb", "is bbf://acme/builder/a%2Fb meant?"},
		"SlashNotEscaped":     {"bbf://acme/builder/a/b", "is bbf://acme/builder/a%2Fb meant?"},
		"RoleEscaped":         {"bbf://acme/%62uilder/a", "is bbf://acme/builder/a meant?"},
		"WithUser":            {"bbf://root@acme/builder/a", "is bbf://acme/builder/a meant?"},
		"WithQuery":           {"bbf://acme/builder/a?role=server", "is bbf://acme/builder/a meant?"},
		"WithEmptyQuery":      {"bbf://acme/builder/a?", "is bbf://acme/builder/a meant?"},
		"WithFragment":        {"bbf://acme/builder/a#b", "is bbf://acme/builder/a meant?"},
		"Opaque":              {"bbf:acme/builder/a", "no name of a cluster"},
		"SchemeUpperCase":     {"BBF://acme/builder/a", "is bbf://acme/builder/a meant?"},
		"AnEscapeThatIsWrong": {"bbf://acme/builder/%zz", "invalid URL escape"},
	} {
		t.Run(name, func(t *testing.T) {
			if id, err := certificates.ParseIdentity(c.uri); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v", id, err)
			}
		})
	}
}

func TestOf(t *testing.T) {
	other := &url.URL{Scheme: "https", Host: "example.com"}
	for name, c := range map[string]struct {
		uris []*url.URL
		want string
	}{
		"One":          {[]*url.URL{alice.URI()}, ""},
		"None":         {nil, "has 0 URI names"},
		"Two":          {[]*url.URL{alice.URI(), server.URI()}, "has 2 URI names"},
		"TwiceTheSame": {[]*url.URL{alice.URI(), alice.URI()}, "has 2 URI names"},
		"OneOfOthers":  {[]*url.URL{alice.URI(), other}, "has 2 URI names"},
		"Another":      {[]*url.URL{other}, "names nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := certificates.Of(&x509.Certificate{URIs: c.uris})
			if c.want == "" && (err != nil || id != alice) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %+v, %v", id, err)
			}
		})
	}
}
