package certificates_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/certificates"
)

// With TLS 1.2 let in, people may come with it, and only they.
func TestTLS12(t *testing.T) {
	a := authority(t)
	accept := certificates.ServerTLS(sign(t, server, a), acme, nil)
	accept.MinVersion = tls.VersionTLS12
	old := func(id certificates.Identity, ciphers ...uint16) *tls.Config {
		c := show(&sign(t, id, a).Certificate)
		c.MaxVersion, c.CipherSuites = tls.VersionTLS12, ciphers
		return c
	}
	for name, c := range map[string]struct {
		dial *tls.Config
		want string
	}{
		"Builder":     {old(alice), ""},
		"Reader":      {old(rita), ""},
		"Worker":      {old(worker), "tasks speak TLS 1.3"},
		"Server":      {old(server), "tasks speak TLS 1.3"},
		"WorkerIn13":  {certificates.ClientTLS(sign(t, worker, a), acme, certificates.RoleServer), ""},
		"WeakCiphers": {old(alice, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA), "no cipher suite"},
		"OtherCA": {func() *tls.Config {
			c := show(&sign(t, alice, authority(t)).Certificate)
			c.MaxVersion = tls.VersionTLS12
			return c
		}(), "unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := meet(t, accept, c.dial)
			if c.want == "" && s != nil || c.want != "" && (s == nil || !strings.Contains(s.Error(), c.want)) {
				t.Errorf("got %v", s)
			}
		})
	}
}
