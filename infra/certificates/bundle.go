package certificates

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Bundle is what one machine has. It is never changed.
type Bundle struct {
	Identity       Identity
	Certificate    tls.Certificate // with its Leaf
	Authorities    *x509.CertPool  // one, or two while they are exchanged
	CertificatePEM []byte
	KeyPEM         []byte // PKCS#8
	AuthoritiesPEM []byte
	Revoked        Revoked // who is refused although the certificate is good
}

// Source tells what a machine has at the moment. It is safe for concurrent use and doesn't block.
type Source interface {
	Current() (*Bundle, error)
}

// Parse reads a certificate (leaf first), its key and the authorities to trust, and looks whether they belong together: the certificate is
// the key's and names one identity. Whether it is valid is for the other side to say, and changes with time.
func Parse(certPEM, keyPEM, authoritiesPEM []byte) (*Bundle, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("the certificate and its key can't be used: %w", err)
	}
	id, err := Of(pair.Leaf)
	if err != nil {
		return nil, err
	}
	authorities, err := parseCertificates(authoritiesPEM)
	if err != nil {
		return nil, fmt.Errorf("the authorities: %w", err)
	}
	pool := x509.NewCertPool()
	for _, c := range authorities {
		if !c.IsCA {
			return nil, fmt.Errorf("the authorities: %s is no certificate of an authority", c.Subject)
		}
		pool.AddCert(c)
	}
	return &Bundle{
		Identity: id, Certificate: pair, Authorities: pool,
		CertificatePEM: certPEM, KeyPEM: keyPEM, AuthoritiesPEM: authoritiesPEM,
	}, nil
}

// parseCertificates reads one certificate or several, and refuses anything else among them.
func parseCertificates(data []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for rest := data; len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("something in there is no PEM")
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("there is PEM of a %s among the certificates", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no certificate")
	}
	return all, nil
}

// For says whether a certificate in PEM is for a key.
func For(certPEM []byte, public crypto.PublicKey) bool {
	all, err := parseCertificates(certPEM)
	if err != nil {
		return false
	}
	key, ok := public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(all[0].PublicKey)
}

// encode is a certificate in PEM.
func encode(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// Current makes a Bundle a Source of itself, for tests and for what doesn't live long.
func (b *Bundle) Current() (*Bundle, error) { return b, nil }
