package certificates_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

const acme = "acme"

var (
	alice  = certificates.Identity{Cluster: acme, Role: certificates.RoleBuilder, Name: "arn:aws:sts::123456789012:assumed-role/Builders/alice"}
	rita   = certificates.Identity{Cluster: acme, Role: certificates.RoleReader, Name: "arn:aws:iam::123456789012:user/rita"}
	server = certificates.Identity{Cluster: acme, Role: certificates.RoleServer, Name: "0123456789abcdef0123456789abcdef"}
	worker = certificates.Identity{Cluster: acme, Role: certificates.RoleWorker, Name: "fedcba9876543210fedcba9876543210"}
)

func authority(t testing.TB) *certificates.Authority {
	t.Helper()
	a, err := certificates.NewAuthority(acme, time.Now(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sign makes what a machine has: a certificate of the first authority, and trust in all.
func sign(t testing.TB, id certificates.Identity, by *certificates.Authority, also ...*certificates.Authority) *certificates.Bundle {
	t.Helper()
	return signAt(t, id, time.Now(), time.Hour, by, also...)
}

func signAt(t testing.TB, id certificates.Identity, at time.Time, validity time.Duration, by *certificates.Authority, also ...*certificates.Authority) *certificates.Bundle {
	t.Helper()
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := certificates.NewRequest(key, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := by.Sign(csr, id, []string{"127.0.0.1"}, validity, at)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, cert, keyPEM, append(also, by)...)
}

func parse(t testing.TB, cert, key []byte, trusted ...*certificates.Authority) *certificates.Bundle {
	t.Helper()
	var pems []byte
	for _, a := range trusted {
		c, _ := a.PEM()
		pems = append(pems, c...)
	}
	b, err := certificates.Parse(cert, key, pems)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// meet connects two sides. In TLS 1.3 the client learns with its first read that it was refused.
func meet(t testing.TB, accept, dial *tls.Config) (server, client error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			done <- err
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(20 * time.Second))
		s := tls.Server(c, accept)
		if err = s.Handshake(); err == nil {
			_, err = s.Write([]byte("x"))
		}
		done <- err
		io.Copy(io.Discard, c) // until the client has gone: closing before would lose the alert
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	s := tls.Client(c, dial)
	if client = s.Handshake(); client == nil {
		_, client = io.ReadFull(s, make([]byte, 1))
	}
	return <-done, client
}
