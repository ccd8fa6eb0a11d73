package certificates_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

func TestHandshake(t *testing.T) {
	a := authority(t)
	accept := certificates.ServerTLS(sign(t, server, a), acme, nil)
	for _, id := range []certificates.Identity{alice, rita, worker, server} {
		t.Run(string(id.Role), func(t *testing.T) {
			s, c := meet(t, accept, certificates.ClientTLS(sign(t, id, a), acme, certificates.RoleServer))
			if s != nil || c != nil {
				t.Errorf("server: %v, client: %v", s, c)
			}
		})
	}
}

// craft signs a certificate that Authority.Sign would not.
func craft(t *testing.T, a *certificates.Authority, key crypto.Signer, template x509.Certificate) *tls.Certificate {
	t.Helper()
	certPEM, keyPEM := a.PEM()
	block, _ := pem.Decode(certPEM)
	parent, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := certificates.ParseKey(keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(7)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	if template.ExtKeyUsage == nil {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// show connects with a certificate as it is, whatever the server asks for.
func show(c *tls.Certificate) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if c == nil {
				return new(tls.Certificate), nil
			}
			return c, nil
		}}
}

func TestHandshakeRefusedByTheServer(t *testing.T) {
	a, stranger := authority(t), authority(t)
	cfg := certificates.ServerTLS(sign(t, server, a), acme, func(id certificates.Identity) error {
		if id.Role == certificates.RoleWorker {
			return errors.New("no workers today")
		}
		return nil
	})
	key, _, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	weak, err := rsaKey(1024)
	if err != nil {
		t.Fatal(err)
	}
	ed, err := edKey()
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsaKey(elliptic.P384())
	if err != nil {
		t.Fatal(err)
	}
	of := func(id certificates.Identity) *tls.Certificate { return &sign(t, id, a).Certificate }
	uris := func(u ...*url.URL) x509.Certificate { return x509.Certificate{URIs: u} }
	elsewhere := alice
	elsewhere.Cluster = "other"
	old := show(of(alice))
	old.MaxVersion = tls.VersionTLS12
	silent, redis := show(of(alice)), show(of(alice))
	silent.NextProtos, redis.NextProtos = nil, []string{"bbf-redis"}
	for name, c := range map[string]struct {
		dial           *tls.Config
		server, client string // what they say
	}{
		"Good":           {show(of(alice)), "", ""},
		"GoodEd25519":    {show(craft(t, a, ed, uris(alice.URI()))), "", ""},
		"GoodECDSAP384":  {show(craft(t, a, p384, uris(alice.URI()))), "", ""},
		"NoCertificate":  {show(nil), "didn't provide a certificate", "certificate required"},
		"OtherAuthority": {show(&sign(t, alice, stranger).Certificate), "unknown authority", "unknown certificate authority"},
		"Expired":        {show(&signAt(t, alice, time.Now().Add(-2*time.Hour), time.Hour, a).Certificate), "has expired", "expired certificate"},
		"NotYetValid":    {show(&signAt(t, alice, time.Now().Add(time.Hour), time.Hour, a).Certificate), "not yet valid", "expired certificate"},
		"OtherCluster":   {show(of(elsewhere)), "of the cluster other, and this is acme", "bad certificate"},
		"NotAllowed":     {show(of(worker)), "no workers today", "bad certificate"},
		"NoName":         {show(craft(t, a, key, uris())), "has 0 URI names", "bad certificate"},
		"TwoNames":       {show(craft(t, a, key, uris(alice.URI(), server.URI()))), "has 2 URI names", "bad certificate"},
		"UnknownRole":    {show(craft(t, a, key, uris(&url.URL{Scheme: "bbf", Host: acme, Path: "/admin/x"}))), "no role", "bad certificate"},
		"WeakKey":        {show(craft(t, a, weak, uris(alice.URI()))), "RSA of 1024 bits", "bad certificate"},
		"ForServersOnly": {show(craft(t, a, key, x509.Certificate{URIs: []*url.URL{alice.URI()},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})), "incompatible key usage", "bad certificate"},
		"SignedByALeaf":   {show(signedByLeaf(t, sign(t, alice, a))), "unknown authority", "unknown certificate authority"},
		"TLS12":           {old, "unsupported versions", "protocol version"},
		"NoALPN":          {silent, "by ALPN", "bad certificate"},
		"AnotherProtocol": {redis, "unsupported application protocols", "no application protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			s, d := meet(t, cfg, c.dial)
			if c.server == "" {
				if s != nil || d != nil {
					t.Errorf("server: %v, client: %v", s, d)
				}
				return
			}
			if s == nil || !strings.Contains(s.Error(), c.server) || d == nil || !strings.Contains(d.Error(), c.client) {
				t.Errorf("server: %v, client: %v", s, d)
			}
		})
	}
}

// signedByLeaf is a server's certificate that a builder has made with his own.
func signedByLeaf(t *testing.T, b *certificates.Bundle) *tls.Certificate {
	t.Helper()
	key, _, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(8), URIs: []*url.URL{server.URI()}, NotBefore: time.Now().Add(-time.Minute),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, b.Certificate.Leaf, key.Public(), b.Certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: append([][]byte{der}, b.Certificate.Certificate...), PrivateKey: key}
}

func TestHandshakeRefusedByTheClient(t *testing.T) {
	a, stranger := authority(t), authority(t)
	elsewhere := server
	elsewhere.Cluster = "other"
	me := sign(t, alice, a)
	for name, c := range map[string]struct {
		accept *certificates.Bundle
		roles  []certificates.Role
		want   string
	}{
		"Good":            {sign(t, server, a), []certificates.Role{certificates.RoleServer}, ""},
		"GoodWorker":      {sign(t, worker, a), []certificates.Role{certificates.RoleServer, certificates.RoleWorker}, ""},
		"OtherAuthority":  {sign(t, server, stranger, a), []certificates.Role{certificates.RoleServer}, "unknown authority"},
		"Expired":         {signAt(t, server, time.Now().Add(-2*time.Hour), time.Hour, a), []certificates.Role{certificates.RoleServer}, "has expired"},
		"NotYetValid":     {signAt(t, server, time.Now().Add(time.Hour), time.Hour, a), []certificates.Role{certificates.RoleServer}, "not yet valid"},
		"OtherCluster":    {sign(t, elsewhere, a), []certificates.Role{certificates.RoleServer}, "of the cluster other"},
		"WorkerForServer": {sign(t, worker, a), []certificates.Role{certificates.RoleServer}, "a server was called"},
		"BuilderAsServer": {sign(t, alice, a), []certificates.Role{certificates.RoleServer}, "incompatible key usage"},
		"NobodyAccepted":  {sign(t, server, a), nil, "was called"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := meet(t, certificates.ServerTLS(c.accept, acme, nil), certificates.ClientTLS(me, acme, c.roles...))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("WeakKey", func(t *testing.T) {
		weak, err := rsaKey(1024)
		if err != nil {
			t.Fatal(err)
		}
		crafted := craft(t, a, weak, x509.Certificate{URIs: []*url.URL{server.URI()}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
		accept := &tls.Config{Certificates: []tls.Certificate{*crafted}, NextProtos: []string{"h2"}}
		if _, err := meet(t, accept, certificates.ClientTLS(me, acme, certificates.RoleServer)); err == nil || !strings.Contains(err.Error(), "RSA of 1024 bits") {
			t.Errorf("got %v", err)
		}
	})
}

// A program that goes by the address and one authority, as Bazel does, with the files that a machine has.
func TestOrdinaryClient(t *testing.T) {
	a := authority(t)
	me, dir := sign(t, alice, a), t.TempDir()+"/alice"
	if err := me.Save(dir); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(dir+"/certificate.pem", dir+"/key.pem")
	if err != nil {
		t.Fatal(err)
	}
	dial := &tls.Config{RootCAs: me.Authorities, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}}
	accept := certificates.ServerTLS(sign(t, server, a), acme, nil)
	for host, want := range map[string]string{"127.0.0.1": "", "server.acme.bbf.internal": "", "127.0.0.2": "valid for 127.0.0.1, not 127.0.0.2"} {
		t.Run(host, func(t *testing.T) {
			dial := dial.Clone()
			dial.ServerName = host
			_, err := meet(t, accept, dial)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPeer(t *testing.T) {
	if _, err := certificates.Peer(tls.ConnectionState{}); err == nil {
		t.Error("nobody was taken for somebody")
	}
	state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{sign(t, alice, authority(t)).Certificate.Leaf}}
	if id, err := certificates.Peer(state); err != nil || id != alice {
		t.Errorf("got %v, %v", id, err)
	}
}
