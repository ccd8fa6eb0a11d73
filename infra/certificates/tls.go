package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ServerTLS is how a task accepts connections: TLS 1.3, with a certificate from the other side that an authority of the cluster has signed,
// that isn't revoked, and whose identity allow has nothing against (nil: any of the cluster). Sessions aren't resumed: a new connection is
// always a new look at the certificate.
//
// ALPN is "h2". Set NextProtos of what is returned before it is used for anything else. So with MinVersion: TLS 1.2 is for people whose Bazel
// dials itself and knows nothing newer (its netty is older than 4.1.52). Tasks are refused with it, and ciphers weaker than TLS 1.3's.
//
// Who is refused learns no more than a TLS alert. To tell callers in words what they may not, let them in and answer in their protocol.
func ServerTLS(src Source, cluster string, allow func(Identity) error) *tls.Config {
	c := &tls.Config{
		MinVersion:             tls.VersionTLS13,
		CipherSuites:           forTLS12,
		NextProtos:             []string{"h2"},
		ClientAuth:             tls.RequireAndVerifyClientCert,
		SessionTicketsDisabled: true,
	}
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		b, err := src.Current()
		if err != nil {
			return nil, err
		}
		now := c.Clone()
		now.GetConfigForClient = nil
		now.Certificates = []tls.Certificate{b.Certificate}
		now.ClientCAs = b.Authorities
		now.VerifyConnection = func(state tls.ConnectionState) error {
			if state.NegotiatedProtocol == "" {
				return errors.New("the client doesn't say by ALPN which protocol it speaks")
			}
			id, err := b.who(state, cluster)
			switch {
			case err != nil:
				return err
			case id.Role.Task() && state.Version < tls.VersionTLS13:
				return fmt.Errorf("%s comes with %s; tasks speak TLS 1.3", id, tls.VersionName(state.Version))
			case allow == nil:
				return nil
			}
			return allow(id)
		}
		return now, nil
	}
	return c
}

// forTLS12 are the ciphers that TLS 1.2 shares with 1.3: ephemeral keys, and authenticated encryption.
var forTLS12 = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// ClientTLS is how tasks and users' machines connect to a task: TLS 1.3, with the own certificate shown. The other side is known by its role,
// one of accept, and not by the address that was dialled. ALPN is "h2", as with ServerTLS.
func ClientTLS(src Source, cluster string, accept ...Role) *tls.Config {
	c := &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         []string{"h2"},
		InsecureSkipVerify: true, // it would go by the address; VerifyConnection does the rest too
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			b, err := src.Current()
			if err != nil {
				return nil, err
			}
			return &b.Certificate, nil
		},
	}
	c.VerifyConnection = func(state tls.ConnectionState) error {
		b, err := src.Current()
		if err != nil {
			return err
		}
		now := time.Now
		if c.Time != nil {
			now = c.Time
		}
		if err := b.verify(state.PeerCertificates, now()); err != nil {
			return err
		}
		id, err := b.who(state, cluster)
		if err != nil {
			return err
		}
		if !slices.Contains(accept, id.Role) {
			return fmt.Errorf("%s answered, and a %s was called", id, list(accept))
		}
		return nil
	}
	return c
}

// verify is what package tls does for servers.
func (b *Bundle) verify(chain []*x509.Certificate, now time.Time) error {
	if len(chain) == 0 {
		return errors.New("the server has no certificate")
	}
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: b.Authorities, Intermediates: intermediates, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

// who is the other side, whose certificate has been verified.
func (b *Bundle) who(state tls.ConnectionState, cluster string) (Identity, error) {
	leaf := state.PeerCertificates[0]
	if err := strong(leaf.PublicKey); err != nil {
		return Identity{}, fmt.Errorf("the certificate can't be relied on: %w", err)
	}
	id, err := Of(leaf)
	if err != nil {
		return Identity{}, err
	}
	if id.Cluster != cluster {
		return Identity{}, fmt.Errorf("%s is of the cluster %s, and this is %s", id, id.Cluster, cluster)
	}
	return id, b.Revoked.Check(leaf)
}

// Peer is who is at the other end of a connection that ServerTLS or ClientTLS made, after the handshake.
func Peer(state tls.ConnectionState) (Identity, error) {
	if len(state.PeerCertificates) == 0 {
		return Identity{}, errors.New("the other side has shown no certificate")
	}
	return Of(state.PeerCertificates[0])
}
