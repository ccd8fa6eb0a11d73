// Package simple is the authenticator without anything that runs: one static certificate for each role, made once, in a folder or in the
// cluster's bucket. Who can read a role's two files has that role, so it is file modes or IAM that say who may what; in the bucket they are
//
//	bbf/CLUSTER/certificates/ca.pem
//	bbf/CLUSTER/certificates/ROLE.pem, ROLE.key
//
// All holders of a role have one certificate, so that one of them alone can't be revoked: then all are replaced, by Rotate.
// The authority's key is kept nowhere: it signs four certificates and is forgotten.
package simple

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Store is where the files are. bucket.Objects is one, Folder the other.
type Store interface {
	Read(ctx context.Context, name string) ([]byte, error) // nil when there is none
	Write(ctx context.Context, name string, data []byte) error
	fmt.Stringer
}

// Authenticator gives out what lies in a store.
type Authenticator struct{ store Store }

var _ certificates.Static = (*Authenticator)(nil)

// New makes no call.
func New(s Store) *Authenticator { return &Authenticator{s} }

// Every minute: it is what Rotate has to wait for.
func (a *Authenticator) Every() time.Duration { return time.Minute }

// Key reads the private key of the identity's role.
func (a *Authenticator) Key(ctx context.Context, id certificates.Identity) ([]byte, error) {
	return a.read(ctx, keyFile(id.Role))
}

// Certificate reads the certificate of the identity's role. The request has to be for the same key.
func (a *Authenticator) Certificate(ctx context.Context, id certificates.Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error) {
	request, err := certificates.ParseRequest(csr)
	if err != nil {
		return nil, nil, fmt.Errorf("the certificate signing request %w", err)
	}
	if certPEM, err = a.read(ctx, certificateFile(id.Role)); err != nil {
		return nil, nil, err
	}
	if authoritiesPEM, err = a.read(ctx, authorities); err != nil {
		return nil, nil, err
	}
	if !certificates.For(certPEM, request.PublicKey) {
		return nil, nil, fmt.Errorf("%s in %s is the certificate of another key than %s; if they are being replaced at the moment, try again",
			certificateFile(id.Role), a.store, keyFile(id.Role))
	}
	return certPEM, authoritiesPEM, nil
}

func (a *Authenticator) read(ctx context.Context, name string) ([]byte, error) {
	data, err := a.store.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("there is no %s in %s: `bbf auth folder DIR` and `bbf auth config` make the certificates", name, a.store)
	}
	return data, nil
}

// The files.
const authorities = "ca.pem"

func certificateFile(r certificates.Role) string { return string(r) + ".pem" }

func keyFile(r certificates.Role) string { return string(r) + ".key" }
