package function_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/bucket"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
	"github.com/bbf-build/bbf/infra/schema"
)

func csr(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		// As much as somebody could wish for: it is ignored.
		URIs:     []*url.URL{{Scheme: "bbf", Host: "acme", Path: "/server/x"}},
		DNSNames: []string{"example.com"}, IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1)},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func text(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// askCertificate asks as a caller.
func askCertificate(t *testing.T, r *rig, arn, csr string) answer {
	t.Helper()
	body, err := json.Marshal(api.CertificateRequest{CSR: csr})
	if err != nil {
		t.Fatal(err)
	}
	return call(t, r.Function, request("POST", "/certificate", arn, string(body)))
}

// signed is the certificate that an answer is.
func (a answer) signed(t *testing.T) (*x509.Certificate, certificates.Identity) {
	t.Helper()
	var reply api.CertificateReply
	if err := json.Unmarshal([]byte(a.body), &reply); err != nil || a.status != 200 {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	block, rest := pem.Decode([]byte(reply.Certificate))
	if block == nil || len(rest) > 0 {
		t.Fatal(reply.Certificate)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(reply.Authorities)) {
		t.Fatal(reply.Authorities)
	}
	if _, err := c.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if !reply.NotAfter.Equal(c.NotAfter) {
		t.Errorf("it ends at %s, and is said to end at %s", c.NotAfter, reply.NotAfter)
	}
	id, err := certificates.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, id
}

// cluster deploys a configuration with a region, which tasks are known by.
func cluster(r *rig, change func(*schema.Config)) {
	config := schema.Config{Cluster: testcloud.Cluster, AWS: schema.AWS{Region: "eu-west-1"}, Access: []schema.Access{
		{ARN: admin, Role: "admin"}, {ARN: "arn:aws:iam::123456789012:role/Builders", Role: "builder"}, {ARN: reader, Role: "reader"},
		// Tasks need no entry of their own, but nor do they get by one what isn't theirs.
		{ARN: "arn:aws:iam::123456789012:role/bbf-acme-eu-west-1-*", Role: "reader"},
	}}
	schema.Defaults(&config)
	change(&config)
	r.deploy(config)
	r.Function = r.another()
}

func TestCertificate(t *testing.T) {
	r := start(t)
	cluster(r, func(c *schema.Config) { c.Auth.Issued.Validity = schema.Duration(48 * time.Hour) })
	task := r.Task(testcloud.Server)
	id := (*task.TaskArn)[strings.LastIndex(*task.TaskArn, "/")+1:]
	for name, c := range map[string]struct {
		arn, uri string
		validity time.Duration
		hosts    string
	}{
		"Admin":   {admin, "bbf://acme/builder/arn:aws:iam::123456789012:user%2Fadmin", 48 * time.Hour, ""},
		"Builder": {builder, "bbf://acme/builder/arn:aws:sts::123456789012:assumed-role%2FBuilders%2Falice", 48 * time.Hour, ""},
		"Reader":  {reader, "bbf://acme/reader/arn:aws:iam::123456789012:user%2Freader", 48 * time.Hour, ""},
		"Server": {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-server/" + id, "bbf://acme/server/" + id, 24 * time.Hour,
			testcloud.PublicIP + " server.acme.bbf.internal"},
		"Worker": {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-worker/w1", "bbf://acme/worker/w1", 24 * time.Hour, "worker.acme.bbf.internal"},
	} {
		t.Run(name, func(t *testing.T) {
			key := newKey(t)
			leaf, id := askCertificate(t, r, c.arn, text("CERTIFICATE REQUEST", csr(t, key))).signed(t)
			if id.String() != c.uri {
				t.Errorf("it is for %s", id)
			}
			if !key.PublicKey.Equal(leaf.PublicKey) {
				t.Error("it is for another key")
			}
			if got := leaf.NotAfter.Sub(noon); got != c.validity {
				t.Errorf("it is valid for %s", got)
			}
			var hosts []string
			for _, ip := range leaf.IPAddresses {
				hosts = append(hosts, ip.String())
			}
			if got := strings.Join(append(hosts, leaf.DNSNames...), " "); got != c.hosts {
				t.Errorf("its hosts are %q", got)
			}
		})
	}
}

func TestCertificateRefused(t *testing.T) {
	der := csr(t, newKey(t))
	good := text("CERTIFICATE REQUEST", der)
	forged := append([]byte(nil), der...)
	forged[len(forged)-1] ^= 1
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		arn, csr string
		change   func(*rig)
		status   int
		want     string
	}{
		"Missing":        {reader, "", nil, 400, "csr: is missing"},
		"NotPEM":         {reader, "hello", nil, 400, "csr: is no PEM"},
		"AnotherKind":    {reader, text("PRIVATE KEY", der), nil, 400, "csr: is PEM of a PRIVATE KEY"},
		"NotARequest":    {reader, text("CERTIFICATE REQUEST", []byte("hello")), nil, 400, "csr: can't be read"},
		"Forged":         {reader, text("CERTIFICATE REQUEST", forged), nil, 400, "csr: isn't signed with its own key"},
		"TwoOfThem":      {reader, good + good, nil, 400, "csr: has something behind"},
		"RSA":            {reader, text("CERTIFICATE REQUEST", csr(t, long)), nil, 400, "csr: its key is RSA of 2048 bits"},
		"Stranger":       {stranger, good, nil, 403, "stranger has none"},
		"Unsigned":       {"", good, nil, 403, "an unsigned caller has none"},
		"NoTaskOfTheirs": {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-server/gone", good, nil, 403, "gone is none of them"},
		"AnotherAuthenticator": {reader, good, func(r *rig) {
			cluster(r, func(c *schema.Config) { c.Auth = schema.Auth{CFSSL: &schema.CFSSLAuth{URL: "https://example.com"}} })
		}, 409, "don't come from the manager"},
		"Revoked": {reader, good, func(r *rig) {
			r.Save(bucket.Key(testcloud.Cluster, bucket.RevokedList), certificates.Revoked{Names: []string{reader}})
		}, 403, "is revoked"},
		"TheKeyMayNotBeRead": {reader, good, func(r *rig) {
			r.Fail("GetObject "+state.AuthorityKey(testcloud.Cluster), testcloud.Status(403, "AccessDenied"))
		}, 500, "the manager's own role may not"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			cluster(r, func(*schema.Config) {})
			if c.change != nil {
				c.change(r)
			}
			a := askCertificate(t, r, c.arn, c.csr)
			if e := a.refused(t); a.status != c.status || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %d %+v", a.status, e)
			}
			if strings.Contains(r.log.String(), "-----BEGIN") {
				t.Error("the log has a key in it")
			}
		})
	}
}
