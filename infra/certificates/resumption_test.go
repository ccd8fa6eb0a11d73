package certificates_test

import (
	"crypto/tls"
	"testing"

	"github.com/bbf-build/bbf/infra/certificates"
)

// A session that is resumed would be one whose certificate nobody has looked at again.
func TestSessionsAreNotResumed(t *testing.T) {
	a := authority(t)
	address := echo(t, certificates.ServerTLS(sign(t, server, a), acme, nil))
	dial := certificates.ClientTLS(sign(t, alice, a), acme, certificates.RoleServer)
	dial.ClientSessionCache, dial.ServerName = tls.NewLRUClientSessionCache(8), "server"
	for range 3 {
		c, err := tls.Dial("tcp", address, dial)
		if err != nil {
			t.Fatal(err)
		}
		if err := say(c); err != nil { // a ticket would come with the first answer
			t.Fatal(err)
		}
		if c.ConnectionState().DidResume {
			t.Error("it was")
		}
		c.Close()
	}
}
