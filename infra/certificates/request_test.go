package certificates_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

func request(t testing.TB, id certificates.Identity, hosts ...string) []byte {
	t.Helper()
	key, _, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := certificates.NewRequest(key, id, hosts)
	if err != nil {
		t.Fatal(err)
	}
	return csr
}

// with is a request for a key of any kind.
func with(t testing.TB, key crypto.Signer, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, new(x509.CertificateRequest), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

func ecdsaKey(c elliptic.Curve) (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) }

func rsaKey(bits int) (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, bits) }

func edKey() (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return key, err
}

func TestParseRequest(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	make := func(key crypto.Signer, err error) []byte { return with(t, key, err) }
	good := make(edKey())
	block, _ := pem.Decode(good)
	forged := append([]byte(nil), block.Bytes...)
	forged[len(forged)-1] ^= 1
	text := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	for name, c := range map[string]struct {
		csr  []byte
		want string
	}{
		"ECDSAP256":        {make(ecdsaKey(elliptic.P256())), ""},
		"Ed25519":          {good, ""},
		"WithASpaceBehind": {append(append([]byte(nil), good...), " \n"...), ""},
		"RSA512":           {make(rsaKey(512)), "its key is RSA of 512 bits"},
		"RSA2048":          {make(rsaKey(2048)), "its key is RSA of 2048 bits"},
		"ECDSAP224":        {make(ecdsaKey(elliptic.P224())), "its key is ECDSA P-224"},
		"ECDSAP521":        {make(ecdsaKey(elliptic.P521())), "its key is ECDSA P-521"},
		"Missing":          {nil, "is missing"},
		"NotPEM":           {[]byte("hello"), "is no PEM"},
		"AnotherKind":      {text("PRIVATE KEY", block.Bytes), "is PEM of a PRIVATE KEY"},
		"NotARequest":      {text("CERTIFICATE REQUEST", []byte("hello")), "can't be read"},
		"Forged":           {text("CERTIFICATE REQUEST", forged), "isn't signed with its own key"},
		"TwoOfThem":        {append(append([]byte(nil), good...), good...), "has something behind"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificates.ParseRequest(c.csr)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRequestNames(t *testing.T) {
	r, err := certificates.ParseRequest(request(t, server, "10.0.0.7", "build.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.URIs) != 1 || r.URIs[0].String() != server.String() || strings.Join(certificates.Hosts(r), " ") != "10.0.0.7 build.example.com" {
		t.Errorf("got %v, %v", r.URIs, certificates.Hosts(r))
	}
}

func TestSign(t *testing.T) {
	a, now := authority(t), time.Now()
	read := func(t *testing.T, cert []byte, err error) *x509.Certificate {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(cert)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Run("NamesOfTheRequestAreIgnored", func(t *testing.T) {
		cert, err := a.Sign(request(t, server, "10.0.0.7", "evil.example.com"), rita, []string{"10.0.0.8"}, time.Hour, now)
		c := read(t, cert, err)
		if id, err := certificates.Of(c); err != nil || id != rita || len(c.IPAddresses)+len(c.DNSNames) > 0 || c.IsCA {
			t.Errorf("got %v, %v, %v, %v", id, err, c.IPAddresses, c.DNSNames)
		}
		if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth {
			t.Errorf("may be used for %v", c.ExtKeyUsage)
		}
		if c.NotAfter.Sub(now).Round(time.Minute) != time.Hour || !c.NotBefore.Before(now.Add(-4*time.Minute)) {
			t.Errorf("valid from %s to %s", c.NotBefore, c.NotAfter)
		}
	})
	t.Run("TasksGetTheirHosts", func(t *testing.T) {
		cert, err := a.Sign(request(t, alice), server, []string{"10.0.0.8", "198.51.100.3"}, time.Hour, now)
		c := read(t, cert, err)
		for _, host := range []string{"10.0.0.8", "198.51.100.3", "server.acme.bbf.internal"} {
			if err := c.VerifyHostname(host); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("NotLongerThanTheAuthority", func(t *testing.T) {
		cert, err := a.Sign(request(t, alice), alice, nil, 1000*time.Hour, now)
		if c := read(t, cert, err); !c.NotAfter.Equal(a.NotAfter()) {
			t.Errorf("ends at %s, the authority at %s", c.NotAfter, a.NotAfter())
		}
	})
	for name, do := range map[string]func() ([]byte, error){
		"NobodyIsNamed":     func() ([]byte, error) { return a.Sign(request(t, alice), certificates.Identity{}, nil, time.Hour, now) },
		"NoValidity":        func() ([]byte, error) { return a.Sign(request(t, alice), alice, nil, 0, now) },
		"TheAuthorityEnded": func() ([]byte, error) { return a.Sign(request(t, alice), alice, nil, time.Hour, now.Add(25*time.Hour)) },
	} {
		t.Run("RefusedWhen"+name, func(t *testing.T) {
			if _, err := do(); err == nil {
				t.Error("it was signed")
			}
		})
	}
}

func TestAuthority(t *testing.T) {
	a, b := authority(t), authority(t)
	cert, key := a.PEM()
	_, other := b.PEM()
	again, err := certificates.LoadAuthority(cert, key)
	if err != nil || !again.Is(a) || again.Is(b) || time.Until(again.Made()).Abs() > time.Minute {
		t.Errorf("got %+v, %v", again, err)
	}
	if _, err := certificates.LoadAuthority(cert, other); err == nil || !strings.Contains(err.Error(), "another certificate's") {
		t.Errorf("with another key: %v", err)
	}
	leaf := sign(t, alice, a)
	if _, err := certificates.LoadAuthority(leaf.CertificatePEM, leaf.KeyPEM); err == nil || !strings.Contains(err.Error(), "no authority") {
		t.Errorf("of a leaf: %v", err)
	}
}
