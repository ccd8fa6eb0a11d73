package certificates

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"time"
)

// skew is how long before its making a certificate begins to be valid: the other machine's clock may be behind.
const skew = 5 * time.Minute

// Authority signs certificates. It is safe for concurrent use.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	certPEM     []byte
	keyPEM      []byte
}

// NewAuthority makes a key and a certificate of its own. Its name has the time, so that an authority and the one that takes its place are
// told apart.
func NewAuthority(cluster string, now time.Time, validity time.Duration) (*Authority, error) {
	key, keyPEM, err := NewKey()
	if err != nil {
		return nil, err
	}
	id, err := keyID(key.Public())
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{Organization: []string{"bbf"}, CommonName: fmt.Sprintf("%s %s", cluster, now.UTC().Format("2006-01-02T15:04:05Z"))},
		NotBefore:             now.Add(-skew).UTC(),
		NotAfter:              now.Add(validity).UTC(),
		SubjectKeyId:          id,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return LoadAuthority(encode(der), keyPEM)
}

// LoadAuthority reads what PEM wrote.
func LoadAuthority(certPEM, keyPEM []byte) (*Authority, error) {
	all, err := parseCertificates(certPEM)
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(keyPEM)
	if err != nil {
		return nil, err
	}
	c := all[0]
	public, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case len(all) != 1:
		return nil, fmt.Errorf("%d certificates are given for one authority", len(all))
	case !c.IsCA:
		return nil, fmt.Errorf("%s is no authority", c.Subject)
	case !ok || !public.Equal(key.Public()):
		return nil, errors.New("the authority's key is another certificate's")
	}
	return &Authority{certificate: c, key: key, certPEM: certPEM, keyPEM: keyPEM}, nil
}

// PEM is the certificate and the private key.
func (a *Authority) PEM() (certPEM, keyPEM []byte) { return a.certPEM, a.keyPEM }

// Made is when the authority was made.
func (a *Authority) Made() time.Time { return a.certificate.NotBefore.Add(skew) }

// NotAfter is when it ends, and all that it has signed.
func (a *Authority) NotAfter() time.Time { return a.certificate.NotAfter }

// Is says whether two are the same.
func (a *Authority) Is(b *Authority) bool { return bytes.Equal(a.certificate.Raw, b.certificate.Raw) }

// Sign makes a certificate in PEM for a request's key and an identity. Whatever else the request asks for is ignored. Tasks get a certificate
// for both ends of a connection, with the hosts; people one to connect with. It ends after validity, or before with the authority itself.
func (a *Authority) Sign(csr []byte, id Identity, hosts []string, validity time.Duration, now time.Time) ([]byte, error) {
	if err := id.Check(); err != nil {
		return nil, err
	}
	request, err := ParseRequest(csr)
	if err != nil {
		return nil, fmt.Errorf("the certificate signing request %w", err)
	}
	if validity <= 0 {
		return nil, fmt.Errorf("a certificate can't be valid for %s", validity)
	}
	end := now.Add(validity)
	if end.After(a.NotAfter()) {
		end = a.NotAfter()
	}
	if !end.After(now) {
		return nil, fmt.Errorf("the cluster's authority has ended on %s", a.NotAfter().Format(time.RFC3339))
	}
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               subject(id),
		NotBefore:             now.Add(-skew).UTC(),
		NotAfter:              end.UTC(),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		URIs:                  []*url.URL{id.URI()},
	}
	if id.Role.Task() {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		template.IPAddresses, template.DNSNames = split(hosts)
		template.DNSNames = append(template.DNSNames, ServerName(id))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, request.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return encode(der), nil
}

// ServerName is the DNS name that every certificate of a task has, whatever its address: for clients that can't go without a DNS name. It is
// in a domain that the DNS never has (RFC 6762, appendix G, and ICANN's resolution of July 2024).
func ServerName(id Identity) string { return string(id.Role) + "." + id.Cluster + ".bbf.internal" }

// subject is for people to read. Programs go by the URI.
func subject(id Identity) pkix.Name {
	return pkix.Name{Organization: []string{"bbf"}, CommonName: string(id.Role) + " of " + id.Cluster}
}

// serial is 127 random bits: never negative, never zero in practice.
func serial() *big.Int {
	var b [16]byte
	rand.Read(b[:])
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}

// keyID is what certificates name an authority's key by (RFC 7093).
func keyID(public crypto.PublicKey) ([]byte, error) {
	key, ok := public.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("a %T is no authority's key", public)
	}
	point, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(point)
	return sum[:20], nil
}
