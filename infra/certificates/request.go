package certificates

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// NewRequest makes a certificate signing request, PKCS#10 in PEM, signed with the key. Identity and hosts (addresses and DNS names) are in it
// for authorities that go by it, as AWS Private CA does; the manager doesn't.
func NewRequest(key crypto.Signer, id Identity, hosts []string) ([]byte, error) {
	if err := id.Check(); err != nil {
		return nil, err
	}
	template := &x509.CertificateRequest{Subject: subject(id), URIs: []*url.URL{id.URI()}}
	template.IPAddresses, template.DNSNames = split(hosts)
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: requestType, Bytes: der}), nil
}

const requestType = "CERTIFICATE REQUEST"

// ParseRequest reads a certificate signing request that was signed with the key that it is for, and whose key is ECDSA P-256 or Ed25519. What
// names it has is for the caller to believe or not.
func ParseRequest(csr []byte) (*x509.CertificateRequest, error) {
	block, rest := pem.Decode(csr)
	switch {
	case len(csr) == 0:
		return nil, errors.New("is missing; it is a certificate signing request in PEM")
	case block == nil:
		return nil, errors.New("is no PEM")
	case block.Type != requestType:
		return nil, fmt.Errorf("is PEM of a %s, and has to be of a %s", block.Type, requestType)
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("has something behind the request")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	if err := signable(request.PublicKey); err != nil { // before the signature: a large key would take its time
		return nil, err
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fmt.Errorf("isn't signed with its own key: %w", err)
	}
	return request, nil
}

// Hosts are the addresses and DNS names of a request.
func Hosts(request *x509.CertificateRequest) []string {
	var hosts []string
	for _, ip := range request.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	return append(hosts, request.DNSNames...)
}

func split(hosts []string) (ips []net.IP, names []string) {
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			ips = append(ips, ip)
		} else {
			names = append(names, h)
		}
	}
	return ips, names
}
