package certificates

import (
	"bytes"
	"context"
)

// AlsoTrust is an Authenticator that adds authorities to those that another gives. With it the authority behind cfssl or acmpca can be
// exchanged without a break: first all machines trust the next one too, then it signs, and then the old one is left out. The function returns
// them in PEM; none is nil. bucket.Objects.Authorities is such a function.
func AlsoTrust(a Authenticator, more func(context.Context) ([]byte, error)) Authenticator {
	return &trusting{a, more}
}

type trusting struct {
	Authenticator
	more func(context.Context) ([]byte, error)
}

func (t *trusting) Certificate(ctx context.Context, id Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error) {
	more, err := t.more(ctx)
	if err != nil {
		return nil, nil, err
	}
	if certPEM, authoritiesPEM, err = t.Authenticator.Certificate(ctx, id, csr); err != nil {
		return nil, nil, err
	}
	return certPEM, Union(authoritiesPEM, more), nil
}

// Union is certificates in PEM of two lists, each once.
func Union(a, b []byte) []byte {
	a, b = append(bytes.TrimSpace(a), '\n'), bytes.TrimSpace(b)
	if len(b) == 0 || bytes.Contains(a, b) {
		return a
	}
	return append(append(a, b...), '\n')
}
