package simple

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Step is how far an exchange of all certificates is.
type Step int

// The steps. Between two of them all machines have to look at the store, which they do every minute.
const (
	Trusted  Step = iota + 1 // the new authority is trusted besides the old one
	Changed                  // the new certificates are in use; the old ones are still good
	Finished                 // the old authority is not trusted any more
)

// next is the prefix of certificates that wait to be used. Those in use stay there too.
const next = "next/"

// Rotate makes the next step of exchanging the authority and all certificates without a break. Where the last one ended is seen by what is
// there, so that one that was interrupted can be made again.
func Rotate(ctx context.Context, in Store, o Options) (Step, error) {
	trusted, err := New(in).read(ctx, authorities)
	if err != nil {
		return 0, err
	}
	waiting, err := in.Read(ctx, next+authorities)
	if err != nil {
		return 0, err
	}
	whole, used, err := compare(ctx, in, waiting)
	if err != nil {
		return 0, err
	}
	switch {
	case !whole || used && bytes.Equal(waiting, trusted): // nothing is under way
		made, err := fresh(o)
		if err != nil {
			return 0, err
		}
		if err := made.write(ctx, in, next, certificates.Roles()...); err != nil {
			return 0, err
		}
		waiting = made[authorities]
		fallthrough
	case !bytes.Contains(trusted, waiting):
		return Trusted, in.Write(ctx, authorities, append(bytes.Clone(trusted), waiting...))
	case !used:
		return Changed, use(ctx, in)
	default:
		return Finished, in.Write(ctx, authorities, waiting)
	}
}

// compare says whether all certificates that wait are there and of the authority that waits, and whether they are in use already.
func compare(ctx context.Context, in Store, waiting []byte) (whole, used bool, err error) {
	used = true
	for _, r := range certificates.Roles() {
		var cert, key [2][]byte
		for i, prefix := range []string{"", next} {
			var err1, err2 error
			cert[i], err1 = in.Read(ctx, prefix+certificateFile(r))
			key[i], err2 = in.Read(ctx, prefix+keyFile(r))
			if err := errors.Join(err1, err2); err != nil {
				return false, false, err
			}
		}
		if !belong(cert[1], key[1], waiting) {
			return false, false, nil
		}
		used = used && bytes.Equal(cert[0], cert[1]) && bytes.Equal(key[0], key[1])
	}
	return true, used, nil
}

func belong(cert, key, authority []byte) bool {
	b, err := certificates.Parse(cert, key, authority)
	if err != nil {
		return false
	}
	leaf := b.Certificate.Leaf
	_, err = leaf.Verify(x509.VerifyOptions{Roots: b.Authorities, CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err == nil
}

// use puts the certificates that wait into use.
func use(ctx context.Context, in Store) error {
	for _, r := range certificates.Roles() {
		for _, name := range []string{keyFile(r), certificateFile(r)} {
			data, err := in.Read(ctx, next+name)
			if err == nil {
				err = in.Write(ctx, name, data)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Wait is how long to wait between two steps: machines look every minute, and one may fail to the first time.
const Wait = 3 * time.Minute

func (s Step) String() string {
	switch s {
	case Trusted:
		return "the new authority is trusted besides the old one"
	case Changed:
		return "the new certificates are in use"
	case Finished:
		return "the old authority is not trusted any more"
	}
	return "nothing was done"
}
