package front_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/gateway/front"
	"github.com/bbf-build/bbf/infra/gateway/testrig"
)

// start serves a protocol that says who is there.
func start(t *testing.T) (address string, authority *certificates.Authority) {
	t.Helper()
	authority = testrig.Authority(t)
	f := front.New(front.Options{
		Source: testrig.Bundle(t, authority, certificates.RoleServer, "s", time.Now().Add(time.Hour)), Cluster: testrig.Cluster,
		Log: slog.New(slog.DiscardHandler),
		Protocols: map[string]front.Handler{"who": func(_ context.Context, c *front.Client) {
			defer c.Close()
			io.WriteString(c, c.Who.String())
		}},
	})
	l, done := testrig.Listen(t), make(chan error, 1)
	go func() { done <- f.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := f.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String(), authority
}

func ask(t *testing.T, address string, c *tls.Config) (string, error) {
	t.Helper()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", address, c)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	who, err := io.ReadAll(conn)
	return string(who), err
}

func client(t *testing.T, a *certificates.Authority, protocols ...string) *tls.Config {
	t.Helper()
	b := testrig.Bundle(t, a, certificates.RoleReader, "arn:aws:iam::1:user/r", time.Now().Add(time.Hour))
	c := certificates.ClientTLS(b, testrig.Cluster, certificates.RoleServer)
	c.NextProtos = protocols
	return c
}

func TestFront(t *testing.T) {
	address, authority := start(t)
	t.Run("KnowsWhoIsThere", func(t *testing.T) {
		if who, err := ask(t, address, client(t, authority, "who")); err != nil || who != "bbf://acme/reader/arn:aws:iam::1:user%2Fr" {
			t.Errorf("got %q, %v", who, err)
		}
	})
	t.Run("OnlyWhatItSpeaks", func(t *testing.T) {
		for _, protocols := range [][]string{nil, {"http/1.1"}} {
			if who, err := ask(t, address, client(t, authority, protocols...)); err == nil {
				t.Errorf("%v got %q", protocols, who)
			}
		}
	})
	t.Run("OnlyTLS13", func(t *testing.T) {
		c := client(t, authority, "who")
		c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		if who, err := ask(t, address, c); err == nil {
			t.Errorf("got %q", who)
		}
	})
}

// TestSilence fills all the room for handshakes several times: who comes then is let in, and the oldest is hung up on.
func TestSilence(t *testing.T) {
	address, authority := start(t)
	var silent []net.Conn
	for range 2500 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Skip("too few file descriptors: ", err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	if who, err := ask(t, address, client(t, authority, "who")); err != nil || who == "" {
		t.Errorf("got %q, %v", who, err)
	}
	silent[0].SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := silent[0].Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the oldest is still there: %v", err)
	}
}
