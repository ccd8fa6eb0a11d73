package cfssl_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/cfssl"
)

// config has a profile for each role, as the package's comment says: with a key, and with names that the role may have. Those of the server
// may be addresses.
const config = `{"signing": {
	"default": {"usages": ["digital signature", "client auth", "server auth"], "expiry": "1h"},
	"profiles": {
		"bbf-builder": {"usages": ["digital signature", "client auth"], "expiry": "2h", "auth_key": "builder",
			"name_whitelist": "^(bbf://acme/builder/.*|builder of acme)$"},
		"bbf-server": {"usages": ["digital signature", "client auth", "server auth"], "expiry": "2h", "auth_key": "server",
			"csr_whitelist": {"Subject": true, "PublicKey": true, "PublicKeyAlgorithm": true, "SignatureAlgorithm": true},
			"name_whitelist": "^(bbf://acme/server/.*|server of acme|[0-9.]+|server\\.acme\\.bbf\\.internal)$"}}},
	"auth_keys": {"builder": {"type": "standard", "key": "00112233445566778899aabbccddeeff"},
		"server": {"type": "standard", "key": "ffeeddccbbaa99887766554433221100"}}}`

const builderKey, serverKey = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"

var (
	alice  = certificates.Identity{Cluster: "acme", Role: certificates.RoleBuilder, Name: "arn:aws:sts::123456789012:assumed-role/Builders/alice@example.com"}
	server = certificates.Identity{Cluster: "acme", Role: certificates.RoleServer, Name: "0123456789abcdef"}
)

func authority(t *testing.T) *certificates.Authority {
	t.Helper()
	a, err := certificates.NewAuthority("acme", time.Now(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(t *testing.T, from certificates.Authenticator, id certificates.Identity, hosts ...string) (*certificates.Bundle, error) {
	t.Helper()
	k := certificates.NewKeeper(from, id, certificates.KeeperOptions{Hosts: hosts})
	if err := k.Renew(t.Context()); err != nil {
		return nil, err
	}
	return k.Current()
}

func TestServer(t *testing.T) {
	a := authority(t)
	url := "http://" + serve(t, a, config)
	ask := func(profile, key string) *cfssl.Authenticator {
		return &cfssl.Authenticator{URL: url, Profile: profile, Key: key}
	}
	t.Run("BothEndsMeet", func(t *testing.T) {
		s, err := get(t, ask("bbf-{role}", serverKey), server, "10.0.0.7", "server.acme.bbf.internal")
		if err != nil {
			t.Fatal(err)
		}
		c, err := get(t, ask("bbf-{role}", builderKey), alice)
		if err != nil {
			t.Fatal(err)
		}
		if c.Identity != alice || s.Identity != server {
			t.Errorf("got %v and %v", c.Identity, s.Identity)
		}
		if left := time.Until(c.Certificate.Leaf.NotAfter); left < 110*time.Minute || left > 2*time.Hour {
			t.Errorf("valid for %s", left)
		}
		for _, host := range []string{"10.0.0.7", "server.acme.bbf.internal"} {
			if err := s.Certificate.Leaf.VerifyHostname(host); err != nil {
				t.Error(err)
			}
		}
		here, there := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- tls.Server(there, certificates.ServerTLS(s, "acme", nil)).Handshake() }()
		if err := tls.Client(here, certificates.ClientTLS(c, "acme", certificates.RoleServer)).Handshake(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("WithoutAKey", func(t *testing.T) {
		if b, err := get(t, ask("", ""), alice); err != nil || b.Identity != alice {
			t.Errorf("got %+v, %v", b, err)
		}
	})
	other := alice
	other.Cluster = "other"
	for name, c := range map[string]struct {
		from *cfssl.Authenticator
		id   certificates.Identity
		want string
	}{
		"TheKeyIsAnotherRoles":        {ask("bbf-{role}", builderKey), server, "refuses authsign: invalid token"},
		"TheProfileIsAnotherRoles":    {ask("bbf-builder", builderKey), server, "refuses authsign"},
		"TheClusterIsAnother":         {ask("bbf-{role}", builderKey), other, "refuses authsign"},
		"AKeyIsMissing":               {ask("bbf-{role}", ""), alice, "refuses sign"},
		"ThereIsNoSuchProfile":        {ask("nobody", builderKey), alice, "refuses authsign"}, // the default one is taken, which has no key
		"TheKeyIsNotHexadecimal":      {ask("bbf-{role}", "xyz"), alice, "isn't hexadecimal"},
		"PlainHTTPGoesOverANetwork":   {&cfssl.Authenticator{URL: "http://10.0.0.1:8888"}, alice, "has to be https"},
		"TheAddressIsNone":            {&cfssl.Authenticator{URL: "cfssl"}, alice, "no address"},
		"TheSchemeIsAnother":          {&cfssl.Authenticator{URL: "ftp://example.com"}, alice, "neither https nor http"},
		"TheServerIsAway":             {&cfssl.Authenticator{URL: "http://127.0.0.1:1"}, alice, "can't be reached"},
		"TheServerIsSomethingElse":    {&cfssl.Authenticator{URL: something(t, "hello")}, alice, "nothing of CFSSL's"},
		"TheServerSendsNoCertificate": {&cfssl.Authenticator{URL: something(t, `{"success": true, "result": {"certificate": ""}}`)}, alice, "of no use"},
	} {
		t.Run("RefusedWhen"+name, func(t *testing.T) {
			if b, err := get(t, c.from, c.id); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v", b, err)
			}
		})
	}
}

// something is a server that isn't CFSSL.
func something(t *testing.T, answer string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) }))
	t.Cleanup(s.Close)
	return s.URL
}

func TestServerWithTLS(t *testing.T) {
	own := authority(t)
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := certificates.NewRequest(key, server, nil)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := own.Sign(csr, server, []string{"127.0.0.1"}, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"tls.pem": cert, "tls.key": keyPEM} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url := "https://" + serve(t, authority(t), config, "-tls-cert", filepath.Join(dir, "tls.pem"), "-tls-key", filepath.Join(dir, "tls.key"))
	pool := x509.NewCertPool()
	trusted, _ := own.PEM()
	pool.AppendCertsFromPEM(trusted)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	if b, err := get(t, &cfssl.Authenticator{URL: url, HTTP: client}, alice); err != nil || b.Identity != alice {
		t.Errorf("got %+v, %v", b, err)
	}
	if _, err := get(t, &cfssl.Authenticator{URL: url}, alice); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("without trust in the server: %v", err)
	}
}

// The server's authority is exchanged: machines that trust the next one beforehand get along with those that have its certificates already.
func TestNextAuthority(t *testing.T) {
	old, next := authority(t), authority(t)
	nextPEM, _ := next.PEM()
	from := func(a *certificates.Authority) certificates.Authenticator {
		return certificates.AlsoTrust(&cfssl.Authenticator{URL: "http://" + serve(t, a, config)},
			func(context.Context) ([]byte, error) { return nextPEM, nil })
	}
	s, err := get(t, from(old), server)
	if err != nil {
		t.Fatal(err)
	}
	c, err := get(t, from(next), alice)
	if err != nil {
		t.Fatal(err)
	}
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- tls.Server(there, certificates.ServerTLS(s, "acme", nil)).Handshake() }()
	dial := certificates.ClientTLS(c, "acme", certificates.RoleServer)
	if err := tls.Client(here, dial).Handshake(); err == nil {
		t.Error("the old authority is trusted by who never heard of it")
	}
	here.Close()
	<-done
	oldPEM, _ := old.PEM()
	c, err = certificates.Parse(c.CertificatePEM, c.KeyPEM, certificates.Union(c.AuthoritiesPEM, oldPEM))
	if err != nil {
		t.Fatal(err)
	}
	here, there = net.Pipe()
	go func() { done <- tls.Server(there, certificates.ServerTLS(s, "acme", nil)).Handshake() }()
	if err := tls.Client(here, certificates.ClientTLS(c, "acme", certificates.RoleServer)).Handshake(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
