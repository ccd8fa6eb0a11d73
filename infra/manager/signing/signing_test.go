package signing_test

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/bucket"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/signing"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/manager/testcloud"
)

const day = 24 * time.Hour

var (
	noon  = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	alice = certificates.Identity{Cluster: testcloud.Cluster, Role: certificates.RoleBuilder, Name: "arn:aws:iam::123456789012:user/alice"}
)

func open(t *testing.T) (*testcloud.Cloud, *signing.Signer) {
	c := testcloud.New(t)
	return c, &signing.Signer{
		Objects: state.New(c, testcloud.Bucket, testcloud.Cluster, func() time.Time { return noon }), Cluster: testcloud.Cluster, Validity: 12 * time.Hour,
	}
}

// machine is what one gets that asks at some time.
type machine struct {
	at   time.Time
	leaf *x509.Certificate
	pool *x509.CertPool
	cas  int
}

func ask(t testing.TB, s *signing.Signer, at time.Time) machine {
	t.Helper()
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := certificates.NewRequest(key, alice, nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := s.Sign(context.Background(), signing.Request{CSR: csr, Identity: alice, Validity: 12 * time.Hour, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	b, err := certificates.Parse([]byte(reply.Certificate), keyPEM, []byte(reply.Authorities))
	if err != nil {
		t.Fatal(err)
	}
	if !b.Certificate.Leaf.NotAfter.Equal(reply.NotAfter) {
		t.Errorf("ends at %s, and is said to at %s", b.Certificate.Leaf.NotAfter, reply.NotAfter)
	}
	return machine{at, b.Certificate.Leaf, b.Authorities, strings.Count(reply.Authorities, "BEGIN CERTIFICATE")}
}

func trusts(a, b machine, at time.Time) error {
	_, err := b.leaf.Verify(x509.VerifyOptions{Roots: a.pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err
}

func TestFirstUse(t *testing.T) {
	c, s := open(t)
	a, b := ask(t, s, noon), ask(t, s, noon.Add(time.Hour))
	if err := errors.Join(trusts(a, b, noon.Add(2*time.Hour)), trusts(b, a, noon.Add(2*time.Hour))); err != nil {
		t.Error(err)
	}
	o := c.Objects[state.AuthorityKey(testcloud.Cluster)]
	if !strings.Contains(string(o.Data), "PRIVATE KEY") || len(c.Objects) != 1 || a.cas != 1 {
		t.Errorf("%d objects, %d authorities", len(c.Objects), a.cas)
	}
}

// Many machines start at once, and the manager has as many instances.
func TestFirstUseOfMany(t *testing.T) {
	c, s := open(t)
	var all sync.WaitGroup
	got := make([]machine, 20)
	for i := range got {
		all.Go(func() { got[i] = ask(t, s, noon) })
	}
	all.Wait()
	for _, m := range got {
		if err := trusts(got[0], m, noon); err != nil {
			t.Error(err)
		}
	}
	if len(c.Objects) != 1 {
		t.Errorf("%d objects", len(c.Objects))
	}
}

// For three years a machine asks every eight hours, and any two whose certificates are valid get along.
func TestReplacementAfterAYear(t *testing.T) {
	_, s := open(t)
	var recent []machine
	cas, both := map[string]bool{}, 0
	for at := noon; at.Before(noon.Add(3 * 365 * day)); at = at.Add(8 * time.Hour) {
		m := ask(t, s, at)
		for _, other := range recent {
			if other.at.Add(12 * time.Hour).After(at) {
				if err := errors.Join(trusts(m, other, at), trusts(other, m, at)); err != nil {
					t.Fatalf("%s: %v", at, err)
				}
			}
		}
		recent = append(recent, m)[max(0, len(recent)-3):]
		cas[string(m.leaf.AuthorityKeyId)] = true
		if m.cas == 2 {
			both++
		}
	}
	if len(cas) != 3 {
		t.Errorf("%d authorities in three years", len(cas))
	}
	if both < 30 || both > 50 { // twice six days
		t.Errorf("two authorities were trusted %d times", both)
	}
}

func TestReplacementOnDemand(t *testing.T) {
	c, s := open(t)
	first := ask(t, s, noon)
	list := bucket.New(c, testcloud.Bucket, testcloud.Cluster)
	if err := list.ReplaceAuthority(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after   time.Duration
		cas     int
		another bool // whether another authority signs than at first
	}{
		{30 * time.Minute, 1, false}, // not yet
		{2 * time.Hour, 2, false},
		{3*day + time.Hour, 2, false},
		{3*day + 3*time.Hour, 2, true},
		{6*day + 3*time.Hour, 1, true},
		{7 * day, 1, true},
		{70 * day, 1, true},
	} {
		m := ask(t, s, noon.Add(step.after))
		if another := trusts(first, m, noon.Add(step.after)) != nil; m.cas != step.cas || another != step.another {
			t.Errorf("after %s: %d authorities, another: %t", step.after, m.cas, another)
		}
	}
	var all sync.WaitGroup
	if err := list.ReplaceAuthority(t.Context(), noon.Add(71*day)); err != nil {
		t.Fatal(err)
	}
	got := make([]machine, 10)
	for i := range got {
		all.Go(func() { got[i] = ask(t, s, noon.Add(72*day)) })
	}
	all.Wait()
	for _, m := range got {
		if err := trusts(got[0], m, noon.Add(72*day)); err != nil || m.cas != 2 {
			t.Errorf("%d authorities: %v", m.cas, err)
		}
	}
}

// Nobody has built for so long that the authority has ended meanwhile.
func TestAfterALongTime(t *testing.T) {
	_, s := open(t)
	ask(t, s, noon)
	at := noon.Add(5 * 365 * day)
	a, b := ask(t, s, at), ask(t, s, at.Add(time.Hour))
	if err := errors.Join(trusts(a, b, at.Add(time.Hour)), trusts(b, a, at.Add(time.Hour))); err != nil {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	csr := func() []byte {
		key, _, err := certificates.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		csr, err := certificates.NewRequest(key, alice, nil)
		if err != nil {
			t.Fatal(err)
		}
		return csr
	}()
	revoked := bucket.Key(testcloud.Cluster, bucket.RevokedList)
	authority := state.AuthorityKey(testcloud.Cluster)
	for name, c := range map[string]struct {
		change func(*testcloud.Cloud, *signing.Request)
		want   string
	}{
		"Revoked": {func(c *testcloud.Cloud, _ *signing.Request) {
			c.Save(revoked, certificates.Revoked{Names: []string{alice.Name}})
		}, "alice is revoked"},
		"TheListIsDamaged": {func(c *testcloud.Cloud, _ *signing.Request) { c.Save(revoked, "hello") }, "revoked.json, can't be read"},
		"TheListIsSecret": {func(c *testcloud.Cloud, _ *signing.Request) {
			c.Fail("GetObject "+revoked, testcloud.Status(403, "AccessDenied"))
		}, "AccessDenied"},
		"TheKeyIsDamaged": {func(c *testcloud.Cloud, _ *signing.Request) { c.Save(authority, "hello") }, "ca/key.pem is damaged"},
		"TheKeyIsSecret": {func(c *testcloud.Cloud, _ *signing.Request) {
			c.Fail("GetObject "+authority, testcloud.Status(403, "AccessDenied"))
		}, "AccessDenied"},
		"TheKeyCantBeMade": {func(c *testcloud.Cloud, _ *signing.Request) {
			c.Fail("PutObject "+authority, testcloud.Status(403, "AccessDenied"))
		}, "AccessDenied"},
		"TheRequestIsNone":  {func(_ *testcloud.Cloud, r *signing.Request) { r.CSR = []byte("hello") }, "is no PEM"},
		"TheIdentityIsNone": {func(_ *testcloud.Cloud, r *signing.Request) { r.Identity.Role = "admin" }, "no role"},
		"TheValidityIsNone": {func(_ *testcloud.Cloud, r *signing.Request) { r.Validity = 0 }, "can't be valid"},
		"OthersAreFasterAll": {func(c *testcloud.Cloud, _ *signing.Request) {
			for range 10 {
				c.Fail("PutObject "+authority, testcloud.Status(409, "ConditionalRequestConflict"))
			}
		}, "was faster"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, s := open(t)
			r := signing.Request{CSR: csr, Identity: alice, Validity: time.Hour, Now: noon}
			c.change(cloud, &r)
			if _, err := s.Sign(t.Context(), r); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCaller(t *testing.T) {
	acme := signing.Cluster{Name: "acme", Region: "eu-west-1", Account: "123456789012"}
	const id = "0123456789abcdef0123456789abcdef"
	for name, c := range map[string]struct{ arn, want string }{
		"Server":           {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-server/" + id, "bbf://acme/server/" + id},
		"Worker":           {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-worker/" + id, "bbf://acme/worker/" + id},
		"InChina":          {"arn:aws-cn:sts::123456789012:assumed-role/bbf-acme-eu-west-1-worker/" + id, "bbf://acme/worker/" + id},
		"AnotherAccount":   {"arn:aws:sts::999999999999:assumed-role/bbf-acme-eu-west-1-server/" + id, ""},
		"AnotherRegion":    {"arn:aws:sts::123456789012:assumed-role/bbf-acme-us-east-1-server/" + id, ""},
		"AnotherCluster":   {"arn:aws:sts::123456789012:assumed-role/bbf-acme2-eu-west-1-server/" + id, ""},
		"TheExecutionRole": {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-execution/" + id, ""},
		"TheRoleItself":    {"arn:aws:iam::123456789012:role/bbf-acme-eu-west-1-server", ""},
		"AUserOfThatName":  {"arn:aws:iam::123456789012:user/assumed-role/bbf-acme-eu-west-1-server/" + id, ""},
		"APathLikeThat":    {"arn:aws:sts::123456789012:assumed-role/x/assumed-role/bbf-acme-eu-west-1-server/" + id, ""},
		"NoSession":        {"arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-west-1-server/", ""},
		"Nobody":           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if id, ok := acme.Task(c.arn); ok != (c.want != "") || ok && id.String() != c.want {
				t.Errorf("got %s, %t", id, ok)
			}
		})
	}
	t.Run("WhenTheAccountIsNotKnown", func(t *testing.T) {
		if id, ok := (signing.Cluster{Name: "acme", Region: "eu-west-1"}).Task("arn:aws:sts:::assumed-role/bbf-acme-eu-west-1-server/" + id); ok {
			t.Errorf("got %s", id)
		}
	})
	for role, want := range map[api.Role]certificates.Role{api.RoleReader: "reader", api.RoleBuilder: "builder", api.RoleAdmin: "builder", api.RoleNone: "", "worker": ""} {
		if id, ok := acme.Person("x", role); ok != (want != "") || ok && id.Role != want {
			t.Errorf("%s: got %s, %t", role, id, ok)
		}
	}
	for _, c := range []struct {
		role        certificates.Role
		asked, want time.Duration
	}{
		{certificates.RoleWorker, 168 * time.Hour, day}, {certificates.RoleServer, 168 * time.Hour, day}, {certificates.RoleWorker, time.Hour, time.Hour},
		{certificates.RoleBuilder, 168 * time.Hour, 7 * day}, {certificates.RoleReader, 1000 * time.Hour, 7 * day}, {certificates.RoleReader, time.Hour, time.Hour},
	} {
		if got := signing.Validity(c.role, c.asked); got != c.want {
			t.Errorf("%s for %s: %s", c.role, c.asked, got)
		}
	}
}
