package function_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
)

func csr(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, new(x509.CertificateRequest), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestCertificate(t *testing.T) {
	r := start(t)
	der := csr(t)
	forged := append([]byte(nil), der...)
	forged[len(forged)-1] ^= 1
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for _, c := range []struct {
		name, csr string
		status    int
		want      string
	}{
		{"Good", text("CERTIFICATE REQUEST", der), 501, "doesn't sign certificates yet"},
		{"Missing", "", 400, "csr: is missing"},
		{"NotPEM", "hello", 400, "csr: is no PEM"},
		{"AnotherKind", text("PRIVATE KEY", der), 400, "csr: is PEM of a PRIVATE KEY"},
		{"NotARequest", text("CERTIFICATE REQUEST", []byte("hello")), 400, "csr: can't be read"},
		{"Forged", text("CERTIFICATE REQUEST", forged), 400, "csr: isn't signed with its own key"},
		{"TwoOfThem", text("CERTIFICATE REQUEST", der) + text("CERTIFICATE REQUEST", der), 400, "csr: has something behind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := json.Marshal(api.CertificateRequest{CSR: c.csr})
			if err != nil {
				t.Fatal(err)
			}
			a := call(t, r.Function, request("POST", "/certificate", reader, string(body)))
			if e := a.refused(t); a.status != c.status || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %d %+v", a.status, e)
			}
			if c.status == 501 && !strings.Contains(a.body, `"not_implemented"`) {
				t.Errorf("got %s", a.body)
			}
		})
	}
}
