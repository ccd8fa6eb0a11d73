package certificates

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Role is what the holder of a certificate is.
type Role string

// The roles. A reader may read the caches, a builder may also execute and write; the server and the workers are the cluster's own tasks.
const (
	RoleReader  Role = "reader"
	RoleBuilder Role = "builder"
	RoleWorker  Role = "worker"
	RoleServer  Role = "server"
)

// Roles are all of them.
func Roles() []Role { return []Role{RoleReader, RoleBuilder, RoleWorker, RoleServer} }

// Task says whether the role is one of the cluster's own tasks, which accept connections too.
func (r Role) Task() bool { return r == RoleWorker || r == RoleServer }

// Identity is whom a certificate is for.
type Identity struct {
	Cluster string
	Role    Role
	Name    string // ARN or task ID: 1 to 2048 printable ASCII characters without spaces
}

// scheme is that of the URI names.
const scheme = "bbf"

// longest is the length of a name that is still taken. IAM's longest ARNs have some 700 characters.
const longest = 2048

var cluster = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// URI is the name that stands in the certificate. There is one way only to write an identity.
func (id Identity) URI() *url.URL {
	path := "/" + string(id.Role) + "/"
	return &url.URL{Scheme: scheme, Host: id.Cluster, Path: path + id.Name, RawPath: path + url.PathEscape(id.Name)}
}

func (id Identity) String() string { return id.URI().String() }

// Check says what is wrong with an identity.
func (id Identity) Check() error {
	switch {
	case len(id.Cluster) > 24 || !cluster.MatchString(id.Cluster):
		return fmt.Errorf("%q is no name of a cluster", id.Cluster)
	case !slices.Contains(Roles(), id.Role):
		return fmt.Errorf("%q is no role; the roles are %s", id.Role, list(Roles()))
	case id.Name == "":
		return errors.New("the identity has no name")
	case len(id.Name) > longest:
		return fmt.Errorf("the identity's name has %d characters; more than %d are too many", len(id.Name), longest)
	case strings.ContainsFunc(id.Name, func(c rune) bool { return c <= ' ' || c > '~' }):
		return fmt.Errorf("the identity's name %q has characters other than printable ASCII", id.Name)
	case id.Name == "." || id.Name == "..": // programs that clean paths would make something else of it
		return fmt.Errorf("%q is no name", id.Name)
	}
	return nil
}

// ParseIdentity reads what URI wrote, and nothing else: another spelling of the same identity is refused, so that a list of names needs one
// entry for each.
func ParseIdentity(s string) (Identity, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Identity{}, err
	}
	role, name, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	id := Identity{Cluster: u.Host, Role: Role(role), Name: name}
	if err := id.Check(); err != nil {
		return Identity{}, fmt.Errorf("%q names nobody: %w", s, err)
	}
	if id.String() != s {
		return Identity{}, fmt.Errorf("%q names nobody; is %s meant?", s, id)
	}
	return id, nil
}

// Of is whom a certificate is for. It has to have exactly one URI name. That the certificate is any good is not looked at.
func Of(c *x509.Certificate) (Identity, error) {
	if len(c.URIs) != 1 {
		return Identity{}, fmt.Errorf("the certificate has %d URI names, and has to have one, bbf://CLUSTER/ROLE/NAME", len(c.URIs))
	}
	return ParseIdentity(c.URIs[0].String())
}

// list is roles in words.
func list(roles []Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}
