package certificates

import (
	"context"
	"time"
)

// Authenticator gets certificates. What stands behind it decides whether the caller may have one for the identity, and may answer with
// another identity of the same cluster, as the manager does, which knows the caller better than the caller himself: look at the Bundle's.
type Authenticator interface {
	// Certificate returns a certificate in PEM, leaf first, for the key that signed the request (PKCS#10 in PEM), and the authorities to
	// trust. Errors say what to do about them.
	Certificate(ctx context.Context, id Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error)
}

// Static is an Authenticator that hands out certificates made by somebody else before, together with their keys.
type Static interface {
	Authenticator
	// Key returns the private key in PEM (PKCS#8) that the identity's certificate is for.
	Key(ctx context.Context, id Identity) ([]byte, error)
	// Every is how often to look whether there is a new certificate.
	Every() time.Duration
}
