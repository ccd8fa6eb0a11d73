// Package cfssl is the authenticator that has certificates signed by a CFSSL server (https://github.com/cloudflare/cfssl). It speaks the
// endpoints sign, authsign and info of its API, described in CFSSL's doc/api.
//
// CFSSL signs what it is asked to, so that who may have which role is a matter of its configuration: give each role a profile with an auth key
// of its own and a name_whitelist, and have {role} in the profile's name in bbf.yaml. For the role builder of the cluster acme:
//
//	"bbf-builder": {"usages": ["digital signature", "client auth"], "expiry": "12h", "auth_key": "builder",
//	  "name_whitelist": "^(bbf://acme/builder/.*|builder of acme)$"}
//
// Profiles of tasks have the usage "server auth" too, and let addresses through. The default profile needs a key too, that nobody has: CFSSL
// takes it when it doesn't know a profile.
package cfssl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Authenticator asks one server.
type Authenticator struct {
	URL     string       // of the server, https://HOST:PORT
	Profile string       // "" is the server's default; {role} in it stands for the role asked for
	Key     string       // in hexadecimal; "" for profiles that don't have one
	HTTP    *http.Client // nil is http.DefaultClient; it decides how the server is known
}

// Certificate has the server sign for the identity, with the hosts that the request names. The authority is the one that signed, as the server
// says: it is as trustworthy as the connection, hence no plain HTTP to another machine.
func (a *Authenticator) Certificate(ctx context.Context, id certificates.Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error) {
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	request, err := certificates.ParseRequest(csr)
	if err != nil {
		return nil, nil, fmt.Errorf("the certificate signing request %w", err)
	}
	profile := strings.ReplaceAll(a.Profile, "{role}", string(id.Role))
	var signer struct {
		Certificate string `json:"certificate"`
	}
	if err := a.call(ctx, "info", map[string]string{"label": "", "profile": profile}, &signer); err != nil {
		return nil, nil, err
	}
	var signed struct {
		Certificate string `json:"certificate"`
	}
	// The names of the request stand here again: these also count with profiles that don't take any from requests.
	err = a.sign(ctx, map[string]any{
		"certificate_request": string(csr),
		"hosts":               append([]string{id.String()}, certificates.Hosts(request)...),
		"profile":             profile,
	}, &signed)
	if err != nil {
		return nil, nil, err
	}
	return []byte(signed.Certificate), []byte(signer.Certificate), nil
}

func (a *Authenticator) check() error {
	u, err := url.Parse(a.URL)
	switch {
	case err != nil:
		return fmt.Errorf("auth.cfssl.url: %w", err)
	case u.Host == "":
		return fmt.Errorf("auth.cfssl.url: %q is no address of a server", a.URL)
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("auth.cfssl.url: is plain http; whoever is on the way could give out certificates of their own, so it has to be https")
	}
	return fmt.Errorf("auth.cfssl.url: %q is neither https nor http", a.URL)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
