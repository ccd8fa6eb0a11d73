// Package testcluster is a cluster for tests of the agent: a manager behind HTTP, and a server that is real gRPC behind mutual TLS, which can be
// killed and come back at another address.
package testcluster

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// Name of the cluster.
const Name = "acme"

// Caller is who everybody is to the manager.
var Caller = api.Caller{ARN: "arn:aws:sts::111122223333:assumed-role/dev/ann", Role: api.RoleBuilder}

// Cluster is one. Its fields may be changed before the first call, and within Change.
type Cluster struct {
	URL string // of the manager

	mu        sync.Mutex
	Status    api.Status // that the manager tells
	Starts    int        // how many times "starting" is told after /up, before there is a server
	Key       string     // the only access key that is taken; "" takes all
	Refuse    *Refusal   // what the manager answers instead of everything
	Validity  time.Duration
	Authority *certificates.Authority
	asked     map[string]int // by path
	server    *Server
	t         testing.TB
}

// Refusal is an answer of the manager, or of Lambda when there is no Code.
type Refusal struct {
	HTTP int
	api.Error
}

// New is a cluster that is down.
func New(t testing.TB) *Cluster {
	a, err := certificates.NewAuthority(Name, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{t: t, Authority: a, Validity: time.Hour, Status: api.Status{Cluster: Name, State: api.StateDown, Caller: Caller}, asked: map[string]int{}}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	c.URL = s.URL + "/"
	return c
}

// Manager is the client that the agent uses, with keys.
func (c *Cluster) Manager() *manager.Client {
	return &manager.Client{URL: c.URL, Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
		HTTP: manager.NewHTTP(), Pause: time.Millisecond}
}

// Change does something while the manager doesn't look.
func (c *Cluster) Change(do func(*Cluster)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do(c)
}

// Asked is how often the manager was asked.
func (c *Cluster) Asked(path string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[path]
}

func (c *Cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[r.URL.Path]++
	if c.Refuse != nil {
		w.WriteHeader(c.Refuse.HTTP)
		json.NewEncoder(w).Encode(c.Refuse.Error)
		return
	}
	if !strings.Contains(r.Header.Get("Authorization"), "Credential="+c.Key) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"message":"The security token included in the request is expired"}`)
		return
	}
	switch r.URL.Path {
	case api.PathStatus:
		c.step()
	case api.PathUp:
		if c.Status.State == api.StateDown {
			c.Status.State = api.StateStarting
		}
	case api.PathCertificate:
		var in api.CertificateRequest
		json.NewDecoder(r.Body).Decode(&in)
		cert, authorities, err := c.sign([]byte(in.CSR), certificates.Identity{Cluster: Name, Role: certificates.Role(c.Status.Caller.Role), Name: c.Status.Caller.ARN})
		if err != nil {
			c.t.Error(err)
		}
		json.NewEncoder(w).Encode(api.CertificateReply{Certificate: string(cert), Authorities: string(authorities)})
		return
	}
	json.NewEncoder(w).Encode(c.Status)
}

// step brings a cluster that starts nearer to its end.
func (c *Cluster) step() {
	if c.Status.State != api.StateStarting {
		return
	}
	if c.Starts--; c.Starts < 0 {
		c.start()
	}
}

// Certificate makes the cluster an Authenticator.
func (c *Cluster) Certificate(_ context.Context, id certificates.Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked["certificate"]++
	return c.sign(csr, id)
}

func (c *Cluster) sign(csr []byte, id certificates.Identity) (certPEM, authoritiesPEM []byte, err error) {
	authoritiesPEM, _ = c.Authority.PEM()
	certPEM, err = c.Authority.Sign(csr, id, []string{"127.0.0.1"}, c.Validity, time.Now())
	return certPEM, authoritiesPEM, err
}

// bundle is a certificate for the server, of the authority that there is now.
func (c *Cluster) bundle(role certificates.Role) *certificates.Bundle {
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		c.t.Fatal(err)
	}
	id := certificates.Identity{Cluster: Name, Role: role, Name: "task"}
	csr, err := certificates.NewRequest(key, id, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	cert, authorities, err := c.sign(csr, id)
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := certificates.Parse(cert, keyPEM, authorities)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}
