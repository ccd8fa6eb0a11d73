package certificates_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bbf-build/bbf/infra/certificates"
)

// exchanged is a Source whose bundle the test exchanges.
type exchanged struct {
	atomic.Pointer[certificates.Bundle]
}

func (e *exchanged) Current() (*certificates.Bundle, error) {
	if b := e.Load(); b != nil {
		return b, nil
	}
	return nil, errors.New("there is no certificate yet")
}

func holding(b *certificates.Bundle) *exchanged {
	e := new(exchanged)
	e.Store(b)
	return e
}

// echo is a server that sends back what it gets.
func echo(t *testing.T, cfg *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				io.Copy(c, c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); open.Wait() })
	return l.Addr().String()
}

// say sends something and wants it back.
func say(c net.Conn) error {
	if _, err := c.Write([]byte("hello")); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 5))
	return err
}

// The authorities of a cluster are exchanged under load: no connection is lost and none fails to be made.
func TestRotation(t *testing.T) {
	old, new := authority(t), authority(t)
	s, c := holding(sign(t, server, old)), holding(sign(t, alice, old))
	address := echo(t, certificates.ServerTLS(s, acme, nil))
	dial := certificates.ClientTLS(c, acme, certificates.RoleServer)
	first, err := tls.Dial("tcp", address, dial)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()

	var load sync.WaitGroup
	var made atomic.Int64
	stop := make(chan struct{})
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				conn, err := tls.Dial("tcp", address, dial)
				if err == nil {
					err = say(conn)
					conn.Close()
				}
				if err != nil {
					t.Error(err)
					return
				}
				made.Add(1)
			}
		})
	}
	defer func() { close(stop); load.Wait() }()
	some := func(step string) {
		t.Helper()
		if err := say(first); err != nil {
			t.Fatalf("%s: the first connection: %v", step, err)
		}
		for from := made.Load(); made.Load() < from+40 && !t.Failed(); {
			if err := say(first); err != nil {
				t.Fatalf("%s: the first connection: %v", step, err)
			}
		}
	}
	some("before")
	for _, step := range []struct {
		name   string
		change func()
	}{
		{"the server trusts both", func() { s.Store(sign(t, server, old, new)) }},
		{"the client trusts both", func() { c.Store(sign(t, alice, old, new)) }},
		{"the server has a new certificate", func() { s.Store(sign(t, server, new, old)) }},
		{"the client has a new certificate", func() { c.Store(sign(t, alice, new, old)) }},
		{"the server trusts the new one", func() { s.Store(sign(t, server, new)) }},
		{"the client trusts the new one", func() { c.Store(sign(t, alice, new)) }},
	} {
		step.change()
		some(step.name)
	}
	stale := certificates.ClientTLS(sign(t, alice, old, new), acme, certificates.RoleServer)
	if conn, err := tls.Dial("tcp", address, stale); err == nil {
		if err := say(conn); err == nil {
			t.Error("a certificate of the old authority is still good")
		}
		conn.Close()
	}
}

func TestNoCertificateYet(t *testing.T) {
	a, none := authority(t), new(exchanged)
	s, _ := meet(t, certificates.ServerTLS(none, acme, nil), certificates.ClientTLS(sign(t, alice, a), acme, certificates.RoleServer))
	if s == nil || s.Error() != "there is no certificate yet" {
		t.Errorf("the server says %v", s)
	}
	_, c := meet(t, certificates.ServerTLS(sign(t, server, a), acme, nil), certificates.ClientTLS(none, acme, certificates.RoleServer))
	if c == nil || c.Error() != "there is no certificate yet" {
		t.Errorf("the client says %v", c)
	}
}
