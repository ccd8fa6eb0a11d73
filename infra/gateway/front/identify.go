package front

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// errNone is the fault of a client without a certificate.
var errNone = errors.New("no client certificate was shown")

// lenient makes of a strict server's configuration one whose handshake succeeds with any client. All that the strict one would have looked at
// is in check, which has to be called after the handshake.
func lenient(strict *tls.Config, check *func(tls.ConnectionState) error) *tls.Config {
	c := strict.Clone()
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		now, err := strict.GetConfigForClient(hello)
		if err != nil {
			return nil, err
		}
		authorities, verify := now.ClientCAs, now.VerifyConnection
		*check = func(state tls.ConnectionState) error {
			if err := verifyChain(state.PeerCertificates, authorities); err != nil {
				return err
			}
			return verify(state)
		}
		now.DynamicRecordSizingDisabled = true // blobs are large, and what is small fits into one record anyway
		now.ClientAuth = tls.RequestClientCert
		now.ClientCAs = nil // clients that are told the authorities keep the certificate of another to themselves
		now.VerifyConnection = func(state tls.ConnectionState) error {
			if state.NegotiatedProtocol == "" {
				return errors.New("the client names no protocol by ALPN")
			}
			return nil
		}
		return now, nil
	}
	return c
}

// verifyChain is what package tls does for a server that requires certificates.
func verifyChain(chain []*x509.Certificate, authorities *x509.CertPool) error {
	if len(chain) == 0 {
		return errNone
	}
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: authorities, Intermediates: intermediates, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}

// words say to a client what is wrong with its certificate and what to do.
func words(problem error, cluster string) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.Is(problem, errNone):
		return fmt.Sprintf("no client certificate was shown, and the cluster %s lets nobody in without; `bbf up` gets one", cluster)
	case errors.As(problem, &unknown):
		return fmt.Sprintf("the client's certificate is not signed by an authority of the cluster %s; `bbf up` gets another", cluster)
	case errors.As(problem, &invalid) && invalid.Reason == x509.Expired && time.Now().After(invalid.Cert.NotAfter):
		return fmt.Sprintf("the client's certificate has expired at %s; `bbf up` gets another", invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	case errors.Is(problem, certificates.ErrRevoked):
		return problem.Error()
	}
	return fmt.Sprintf("the client's certificate can't be used: %v; `bbf up` gets another", problem)
}
