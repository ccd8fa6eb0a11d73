package certificates_test

import (
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// FuzzIdentity: what is read is written the same way again, and can stand in a certificate.
func FuzzIdentity(f *testing.F) {
	for _, id := range []certificates.Identity{alice, rita, server, worker} {
		f.Add(id.String())
	}
	f.Add("bbf://acme/builder/%2F%25?#")
	f.Add("bbf://acme//builder/x")
	a := authority(f)
	csr := request(f, alice)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := certificates.ParseIdentity(s)
		if err != nil {
			return
		}
		if id.String() != s {
			t.Fatalf("%q was read as %q", s, id)
		}
		cert, err := a.Sign(csr, id, nil, time.Hour, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(cert)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := certificates.Of(c); err != nil || got != id {
			t.Fatalf("%q came back as %q: %v", id, got, err)
		}
	})
}

// FuzzRequest: whatever is sent, what gets signed has the identity that the signer gave it and nothing of the request but the key.
func FuzzRequest(f *testing.F) {
	good := request(f, server, "127.0.0.1", "example.com")
	block, _ := pem.Decode(good)
	f.Add(block.Bytes)
	f.Add([]byte("0\x80"))
	a := authority(f)
	f.Fuzz(func(t *testing.T, der []byte) {
		csr := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
		cert, err := a.Sign(csr, alice, nil, time.Hour, time.Now())
		if err != nil {
			return
		}
		block, _ := pem.Decode(cert)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := certificates.Of(c); err != nil || id != alice || len(c.DNSNames)+len(c.IPAddresses)+len(c.EmailAddresses) > 0 || c.IsCA {
			t.Fatalf("signed %+v for %v: %v", c, id, err)
		}
	})
}

// FuzzRevoked: a list that is read can be asked.
func FuzzRevoked(f *testing.F) {
	f.Add([]byte(`{"names": ["bbf://acme/builder/x", "y"], "serials": ["00:AB", "1f"]}`))
	leaf := sign(f, alice, authority(f)).Certificate.Leaf
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := certificates.ParseRevoked(data); err == nil {
			r.Check(leaf)
		}
	})
}
