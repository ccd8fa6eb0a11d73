// Package testrig has what tests of the gateway need: certificates of a cluster, and sockets.
package testrig

import (
	"net"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Cluster is the name in the certificates.
const Cluster = "acme"

// Authority makes a new one.
func Authority(t testing.TB) *certificates.Authority {
	t.Helper()
	a, err := certificates.NewAuthority(Cluster, time.Now().Add(-24*time.Hour), 48*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Bundle makes a certificate that is valid from an hour ago until end, and trusts the authority that signed it.
func Bundle(t testing.TB, a *certificates.Authority, role certificates.Role, name string, end time.Time) *certificates.Bundle {
	t.Helper()
	id := certificates.Identity{Cluster: Cluster, Role: role, Name: name}
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := certificates.NewRequest(key, id, []string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now().Add(-time.Hour)
	certPEM, err := a.Sign(csr, id, []string{"127.0.0.1"}, end.Sub(begin), begin)
	if err != nil {
		t.Fatal(err)
	}
	authorityPEM, _ := a.PEM()
	b, err := certificates.Parse(certPEM, keyPEM, authorityPEM)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Listen is a listener on loopback.
func Listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}
