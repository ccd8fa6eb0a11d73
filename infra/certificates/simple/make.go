package simple

import (
	"context"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Options of new certificates.
type Options struct {
	Cluster  string
	Hosts    []string      // of the server, as addresses or DNS names, for clients that go by them
	Validity time.Duration // of the certificates and of their authority; 0 is a year
	Now      time.Time
}

// Shared is the name in all certificates: they are of a role, and of nobody in particular.
const Shared = "shared"

// Make makes an authority and a certificate for each role where there are none yet. It leaves what is there alone, and says so: to replace it
// without a break takes Rotate.
func Make(ctx context.Context, to Store, o Options) error {
	there, err := to.Read(ctx, authorities)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return fmt.Errorf("%s has certificates already; they can be replaced without a break with --rotate", to)
	}
	made, err := fresh(o)
	if err != nil {
		return err
	}
	return made.write(ctx, to, "", certificates.Roles()...)
}

// Copy puts what is in one store into another, for the roles given: the server and the workers find theirs in the bucket, also when people
// have theirs in a folder.
func Copy(ctx context.Context, from, to Store, roles ...certificates.Role) error {
	all := set{}
	for _, name := range files(roles) {
		var err error
		if all[name], err = New(from).read(ctx, name); err != nil {
			return err
		}
	}
	return all.write(ctx, to, "", roles...)
}

// set is files by their names.
type set map[string][]byte

// files are the names for some roles, keys before certificates and the authorities last: they say that the others are there.
func files(roles []certificates.Role) []string {
	var names []string
	for _, r := range roles {
		names = append(names, keyFile(r), certificateFile(r))
	}
	return append(names, authorities)
}

// write puts the files for some roles below a prefix.
func (s set) write(ctx context.Context, to Store, prefix string, roles ...certificates.Role) error {
	for _, name := range files(roles) {
		if err := to.Write(ctx, prefix+name, s[name]); err != nil {
			return err
		}
	}
	return nil
}

// fresh is a new authority and what it signs.
func fresh(o Options) (set, error) {
	if o.Validity == 0 {
		o.Validity = 365 * 24 * time.Hour
	}
	authority, err := certificates.NewAuthority(o.Cluster, o.Now, o.Validity)
	if err != nil {
		return nil, err
	}
	made := set{}
	made[authorities], _ = authority.PEM()
	for _, role := range certificates.Roles() {
		id := certificates.Identity{Cluster: o.Cluster, Role: role, Name: Shared}
		key, keyPEM, err := certificates.NewKey()
		if err != nil {
			return nil, err
		}
		csr, err := certificates.NewRequest(key, id, nil)
		if err != nil {
			return nil, err
		}
		var hosts []string
		if role == certificates.RoleServer {
			hosts = o.Hosts
		}
		made[keyFile(role)] = keyPEM
		if made[certificateFile(role)], err = authority.Sign(csr, id, hosts, o.Validity, o.Now); err != nil {
			return nil, err
		}
	}
	return made, nil
}
