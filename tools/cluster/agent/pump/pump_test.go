package pump_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/tools/cluster/agent/pump"
)

// pumped is a connection through Run: what is written into client comes out of server, and the other way round.
type pumped struct {
	client net.Conn
	server *tls.Conn
	tcp    *net.TCPConn // below server
	count  pump.Counters
	ended  chan pump.Ended
}

func newPumped(t testing.TB) *pumped {
	t.Helper()
	serverTLS, clientTLS := configs(t)
	tcp, accepted := tcpPair(t)
	p := &pumped{server: tls.Server(accepted, serverTLS), tcp: accepted, ended: make(chan pump.Ended, 1)}
	shaken := make(chan error, 1)
	go func() { shaken <- p.server.Handshake() }()
	s, err := pump.Client(tcp, clientTLS)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-shaken; err != nil {
		t.Fatal(err)
	}
	var ours *net.UnixConn
	p.client, ours = unixPair(t)
	go func() { p.ended <- pump.Run(ours, s, &p.count) }()
	t.Cleanup(func() {
		p.client.Close()
		p.tcp.Close()
	})
	return p
}

// configs are those of a server and a builder. Session tickets, which come behind the handshake, shall not confuse the pump.
func configs(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	a, err := certificates.NewAuthority("acme", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	server = certificates.ServerTLS(bundle(t, a, certificates.RoleServer), "acme", nil)
	server.SessionTicketsDisabled = false
	return server, certificates.ClientTLS(bundle(t, a, certificates.RoleBuilder), "acme", certificates.RoleServer)
}

func bundle(t testing.TB, a *certificates.Authority, role certificates.Role) *certificates.Bundle {
	t.Helper()
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	id := certificates.Identity{Cluster: "acme", Role: role, Name: "x"}
	csr, err := certificates.NewRequest(key, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, err := a.Sign(csr, id, nil, time.Hour, time.Now())
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

func tcpPair(t testing.TB) (dialled, accepted *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a, b := pair(t, l)
	return a.(*net.TCPConn), b.(*net.TCPConn)
}

func unixPair(t testing.TB) (dialled net.Conn, accepted *net.UnixConn) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := pair(t, l)
	return a, b.(*net.UnixConn)
}

func pair(t testing.TB, l net.Listener) (dialled, accepted net.Conn) {
	t.Helper()
	defer l.Close()
	dialled, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if accepted, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return dialled, accepted
}

func TestBytesAreUnchanged(t *testing.T) {
	p := newPumped(t)
	const total = 20 << 20
	type sum [sha256.Size]byte
	send := func(w io.Writer, seed uint64) sum {
		r, h := rand.New(rand.NewPCG(seed, 0)), sha256.New()
		for left := total; left > 0; {
			data := make([]byte, min(left, []int{1, 9, 1000, 16 << 10, 300 << 10}[r.IntN(5)]))
			for i := range data {
				data[i] = byte(r.Uint32())
			}
			h.Write(data)
			if _, err := w.Write(data); err != nil {
				t.Error(err)
				break
			}
			left -= len(data)
		}
		return sum(h.Sum(nil))
	}
	receive := func(r io.Reader) sum {
		h := sha256.New()
		if _, err := io.CopyN(h, r, total); err != nil {
			t.Error(err)
		}
		return sum(h.Sum(nil))
	}
	up, down, upGot, downGot := make(chan sum), make(chan sum), make(chan sum), make(chan sum)
	go func() { up <- send(p.client, 1) }()
	go func() { down <- send(p.server, 2) }()
	go func() { upGot <- receive(p.server) }()
	go func() { downGot <- receive(p.client) }()
	if <-up != <-upGot || <-down != <-downGot {
		t.Error("something else arrived")
	}
	p.client.Close()
	<-p.ended
	if s, r := p.count.Sent.Load(), p.count.Received.Load(); s != total || r != total {
		t.Errorf("counted %d and %d", s, r)
	}
}

// One byte is enough: nothing waits for more to be gathered.
func TestSmallMessagesArriveAtOnce(t *testing.T) {
	p := newPumped(t)
	for i := range 1000 {
		for _, way := range []struct{ from, to net.Conn }{{p.client, p.server}, {p.server, p.client}} {
			if _, err := way.from.Write([]byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
			var got [1]byte
			way.to.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.ReadFull(way.to, got[:]); err != nil || got[0] != byte(i) {
				t.Fatalf("%d: %v, %v", i, got, err)
			}
		}
	}
}

func TestEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end    func(*pumped)
		server bool
		err    error
	}{
		"WhenTheClientEnds": {func(p *pumped) { p.client.Close() }, false, nil},
		"WhenTheServerEnds": {func(p *pumped) { p.server.Close() }, true, nil},
		"WhenTheServerIsKilled": {func(p *pumped) {
			p.tcp.SetLinger(0)
			p.tcp.Close()
		}, true, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPumped(t)
			last := bytes.Repeat([]byte("x"), 100_000)
			if test.err == nil { // what was sent before an orderly end arrives
				if test.server {
					p.server.Write(last)
				} else {
					p.client.Write(last)
				}
			}
			test.end(p)
			if e := <-p.ended; e.Server != test.server || !errors.Is(e.Err, test.err) {
				t.Errorf("%+v", e)
			}
			if test.err != nil {
				return
			}
			other := io.Reader(p.client)
			if !test.server {
				other = p.server
			}
			if got, err := io.ReadAll(other); err != nil || len(got) != len(last) {
				t.Errorf("%d bytes arrived, %v", len(got), err)
			}
		})
	}
}

func TestRefusedCertificateShowsInTheFirstRead(t *testing.T) {
	serverTLS, _ := configs(t)
	_, strangerTLS := configs(t)
	strangerTLS.VerifyConnection = nil
	tcp, accepted := tcpPair(t)
	go tls.Server(accepted, serverTLS).Handshake()
	s, err := pump.Client(tcp, strangerTLS)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Handshake(); err != nil {
		t.Fatal(err)
	}
	if first, err := s.First(); err == nil || !strings.Contains(err.Error(), "remote error: tls: ") {
		t.Errorf("%q, %v", first, err)
	}
}
