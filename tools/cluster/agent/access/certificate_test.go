package access_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/simple"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
	"github.com/bbf-build/bbf/tools/cluster/agent/testcluster"
)

// authority counts, and fails when told to.
type authority struct {
	*testcluster.Cluster
	err error
}

func (a *authority) Certificate(ctx context.Context, id certificates.Identity, csr []byte) ([]byte, []byte, error) {
	cert, authorities, err := a.Cluster.Certificate(ctx, id, csr)
	if a.err != nil {
		err = a.err
	}
	return cert, authorities, err
}

func TestCertificate(t *testing.T) {
	a := &authority{Cluster: testcluster.New(t)}
	caller := testcluster.Caller
	c := access.NewCertificate(testcluster.Name, a, func(context.Context) (api.Caller, error) { return caller, nil })
	config := func() (*certificates.Bundle, error) {
		if _, err := c.Config(t.Context()); err != nil {
			return nil, err
		}
		return c.Current()
	}
	must := func() *certificates.Bundle {
		t.Helper()
		b, err := config()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if s := c.State(); !s.NotAfter.IsZero() || a.Asked("certificate") != 0 {
		t.Errorf("got before anybody needed it: %+v", s)
	}

	t.Run("WhenItIsGood", func(t *testing.T) {
		if first := must(); must() != first || first.Identity.Name != caller.ARN || first.Identity.Role != certificates.RoleBuilder {
			t.Errorf("%+v", first.Identity)
		}
	})

	t.Run("WhenManyMistrustAtOnce", func(t *testing.T) {
		start, before := time.Now(), a.Asked("certificate")
		errs := make(chan error)
		for range 10 {
			go func() { errs <- c.Renew(t.Context(), start) }()
		}
		for range 10 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if n := a.Asked("certificate") - before; n != 1 {
			t.Errorf("renewed %d times", n)
		}
	})

	t.Run("WhenTheRoleIsAnother", func(t *testing.T) {
		caller.Role = api.RoleReader
		if b := must(); b.Identity.Role != certificates.RoleReader {
			t.Error(b.Identity)
		}
		caller.Role = api.RoleAdmin
		if b := must(); b.Identity.Role != certificates.RoleBuilder {
			t.Error(b.Identity)
		}
	})

	t.Run("WhenTwoThirdsOfItsLifeArePast", func(t *testing.T) {
		a.Change(func(c *testcluster.Cluster) { c.Validity = 3 * time.Second })
		if err := c.Renew(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		a.Change(func(c *testcluster.Cluster) { c.Validity = time.Hour })
		old := must()
		testcluster.Until(t, "it is renewed", func() bool { return must() != old })
	})

	t.Run("WhenItHasEndedAndThereIsNoOther", func(t *testing.T) {
		a.Change(func(c *testcluster.Cluster) { c.Validity = time.Millisecond })
		a.err = errors.New("no route to host")
		caller.ARN = "arn:aws:iam::1:user/bob"
		_, err := config()
		if r := refuse.Of(err); r.Code != codes.Unavailable || !strings.Contains(r.Words(), "no route to host") {
			t.Error(err)
		}
	})
}

func TestSimpleCertificatesOfAFolder(t *testing.T) {
	isolate(t)
	folder := t.TempDir()
	if err := simple.Make(t.Context(), simple.Folder(folder), simple.Options{Cluster: testcluster.Name, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	_, from, err := access.Open(t.Context(), access.Cluster{Name: testcluster.Name, Region: "eu-west-1", Auth: schema.Auth{Simple: &schema.SimpleAuth{Folder: folder}}}, access.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	c := access.NewCertificate(testcluster.Name, from, func(context.Context) (api.Caller, error) { return testcluster.Caller, nil })
	if _, err := c.Config(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := c.Current(); err != nil || b.Identity.Name != simple.Shared {
		t.Errorf("%+v, %v", b, err)
	}
}

// Direct files do for a client that knows nothing of us: it goes by the server's address.
func TestDirect(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIA")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	c := testcluster.New(t)
	s := c.Start()
	folder := filepath.Join(t.TempDir(), "tls")
	d, err := access.NewDirect(t.Context(), access.Cluster{Name: testcluster.Name, Region: "eu-west-1", FunctionURL: c.URL}, c.Status, folder)
	if err != nil {
		t.Fatal(err)
	}
	if d.Endpoint != "grpcs://"+s.Address || d.Identity.Role != certificates.RoleBuilder || time.Until(d.NotAfter) < time.Minute {
		t.Errorf("%+v", d)
	}
	for path, mode := range map[string]os.FileMode{folder: 0o700, d.Authorities: 0o600, d.Certificate: 0o600, d.Key: 0o600} {
		if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
	key, err := os.ReadFile(d.Key)
	if block, _ := pem.Decode(key); err != nil || block == nil || block.Type != "PRIVATE KEY" {
		t.Errorf("%s is no PKCS#8, %v", d.Key, err)
	}
	pair, err := tls.LoadX509KeyPair(d.Certificate, d.Key)
	if err != nil {
		t.Fatal(err)
	}
	authorities, err := os.ReadFile(d.Authorities)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authorities)
	conn, err := tls.Dial("tcp", s.Address, &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if n, err := conn.Read(make([]byte, 100)); err != nil || n == 0 {
		t.Errorf("the server says nothing: %v", err)
	}
}
