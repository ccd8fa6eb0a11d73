package certificates_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// signer is an Authenticator with the authority in its hands.
type signer struct {
	t         *testing.T
	authority *certificates.Authority
	validity  time.Duration
	mu        sync.Mutex
	err       error
	as        certificates.Identity // if not whom is asked for
	asked     []time.Time
	keys      map[string]bool
}

func newSigner(t *testing.T, validity time.Duration) *signer {
	a, err := certificates.NewAuthority(acme, time.Now(), 10000*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{t: t, authority: a, validity: validity, keys: map[string]bool{}}
}

// fail makes it refuse; nil ends that.
func (s *signer) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *signer) Certificate(_ context.Context, id certificates.Identity, csr []byte) ([]byte, []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Now())
	r, err := certificates.ParseRequest(csr)
	if err != nil {
		s.t.Error(err)
	}
	public, err := x509.MarshalPKIXPublicKey(r.PublicKey)
	if err != nil {
		s.t.Error(err)
	}
	s.keys[string(public)] = true
	if s.err != nil {
		return nil, nil, s.err
	}
	if s.as.Name != "" {
		id = s.as
	}
	cert, err := s.authority.Sign(csr, id, certificates.Hosts(r), s.validity, time.Now())
	trusted, _ := s.authority.PEM()
	return cert, trusted, err
}

func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSigner(t, 12*time.Hour)
		changed := 0
		k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{Changed: func(*certificates.Bundle) { changed++ }})
		if _, err := k.Current(); err == nil || err.Error() != "there is no certificate yet" {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go k.Run(ctx)
		time.Sleep(100 * time.Hour) // of the test's own clock
		synctest.Wait()
		cancel()
		if len(s.asked) < 13 || len(s.asked) > 14 || changed != len(s.asked) || len(s.keys) != len(s.asked) {
			t.Errorf("asked %d times with %d keys, changed %d times", len(s.asked), len(s.keys), changed)
		}
		jitter := map[time.Duration]bool{}
		for i := range len(s.asked) - 1 {
			after := s.asked[i+1].Sub(s.asked[i])
			jitter[after] = true
			if after < 7*time.Hour || after > 8*time.Hour+time.Minute {
				t.Errorf("renewed after %s", after)
			}
		}
		if len(jitter) < len(s.asked)/2 {
			t.Errorf("always renewed after the same time: %v", jitter)
		}
		b, err := k.Current()
		if err != nil || b.Identity != alice {
			t.Fatalf("got %+v, %v", b, err)
		}
		if st := k.State(); st.Identity != alice || st.Err != nil || !st.NotAfter.Equal(b.Certificate.Leaf.NotAfter) || !st.Renews.After(time.Now()) || st.Renews.After(st.NotAfter) {
			t.Errorf("got %+v", st)
		}
	})
}

func TestKeeperWhileRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSigner(t, 3*time.Hour)
		var failures []certificates.KeptState
		k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{Failed: func(st certificates.KeptState) {
			s.mu.Lock()
			defer s.mu.Unlock()
			failures = append(failures, st)
		}})
		if err := k.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		first, err := k.Current()
		if err != nil {
			t.Fatal(err)
		}
		s.fail(errors.New("the manager is away"))
		go k.Run(t.Context())
		defer time.Sleep(time.Minute)

		time.Sleep(3*time.Hour - time.Minute)
		synctest.Wait()
		if b, err := k.Current(); err != nil || b != first {
			t.Errorf("shortly before the end: %v", err)
		}
		s.mu.Lock()
		told := failures
		s.mu.Unlock()
		if n := len(told); n < 17 || n > 60 { // within an hour, 3.6 minutes apart at most
			t.Errorf("%d failures", n)
		} else if f := told[n-1]; f.Err == nil || !f.NotAfter.Equal(first.Certificate.Leaf.NotAfter) {
			t.Errorf("told of %+v", f)
		}
		time.Sleep(2 * time.Minute)
		if _, err := k.Current(); err == nil || !strings.Contains(err.Error(), "has ended") || !strings.Contains(err.Error(), "the manager is away") {
			t.Errorf("after the end: %v", err)
		}
		s.fail(nil)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if b, err := k.Current(); err != nil || b == first || k.State().Err != nil {
			t.Errorf("with the manager back: %v", err)
		}
	})
}

func TestKeeperWithAnAuthorityAboutToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSigner(t, 12*time.Hour)
		var err error
		if s.authority, err = certificates.NewAuthority(acme, time.Now(), time.Hour); err != nil {
			t.Fatal(err)
		}
		k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{})
		ctx, cancel := context.WithCancel(t.Context())
		go k.Run(ctx)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		cancel()
		if n := len(s.asked); n > 200 { // one a minute after the end, and few before
			t.Errorf("asked %d times in two hours", n)
		}
	})
}

func TestKeeperRefuses(t *testing.T) {
	other := alice
	other.Cluster = "other"
	for name, c := range map[string]struct {
		change func(*signer)
		want   string
	}{
		"AnotherCluster": {func(s *signer) { s.as = other }, "of another cluster: bbf://other/"},
		"Ended":          {func(s *signer) { s.validity = time.Nanosecond }, "has ended"},
		"NoIdentity":     {func(s *signer) { s.err = errors.New("who are you?") }, "who are you?"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSigner(t, time.Hour)
			c.change(s)
			k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{})
			if err := k.Renew(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			if _, err := k.Current(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("current: %v", err)
			}
		})
	}
	t.Run("GivenUp", func(t *testing.T) {
		s := newSigner(t, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.err = ctx.Err()
		k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{Failed: func(certificates.KeptState) { t.Error("told of a failure") }})
		if err := k.Renew(ctx); !errors.Is(err, context.Canceled) || k.State().Err != nil {
			t.Errorf("got %v, %v", err, k.State().Err)
		}
	})
}

// Whoever answers may know better who asks.
func TestKeeperTakesTheIdentityThatItGets(t *testing.T) {
	s := newSigner(t, time.Hour)
	s.as = rita
	k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{})
	if err := k.Renew(t.Context()); err != nil || k.State().Identity != rita {
		t.Errorf("got %v, %v", k.State().Identity, err)
	}
}

func TestKeeperFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certificates")
	s := newSigner(t, time.Hour)
	k := certificates.NewKeeper(s, alice, certificates.KeeperOptions{Folder: dir})
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{".": 0o700, "certificate.pem": 0o600, "key.pem": 0o600, "authorities.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 3 {
		t.Errorf("left there: %v, %v", all, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if block, _ := pem.Decode(data); err != nil || block == nil || block.Type != "PRIVATE KEY" {
		t.Errorf("the key is %+v, %v", block, err)
	}
	b, _ := k.Current()
	t.Run("IsUsedAtTheNextStart", func(t *testing.T) {
		again, err := certificates.NewKeeper(s, alice, certificates.KeeperOptions{Folder: dir}).Current()
		if err != nil || string(again.CertificatePEM) != string(b.CertificatePEM) || len(s.asked) != 1 {
			t.Errorf("asked %d times: %v", len(s.asked), err)
		}
	})
	t.Run("IsNotUsedByAnotherCluster", func(t *testing.T) {
		other := alice
		other.Cluster = "other"
		if _, err := certificates.NewKeeper(s, other, certificates.KeeperOptions{Folder: dir}).Current(); err == nil {
			t.Error("it is")
		}
	})
	t.Run("IsNotUsedWhenTheKeyIsAnother", func(t *testing.T) {
		if err := certificates.WriteFile(filepath.Join(dir, "key.pem"), sign(t, alice, s.authority).KeyPEM); err != nil {
			t.Fatal(err)
		}
		if _, err := certificates.NewKeeper(s, alice, certificates.KeeperOptions{Folder: dir}).Current(); err == nil {
			t.Error("it is")
		}
	})
}

func TestParse(t *testing.T) {
	a, b := sign(t, alice, authority(t)), sign(t, alice, authority(t))
	for name, c := range map[string]struct {
		cert, key, authorities []byte
		want                   string
	}{
		"Good":                 {a.CertificatePEM, a.KeyPEM, a.AuthoritiesPEM, ""},
		"TwoAuthorities":       {a.CertificatePEM, a.KeyPEM, append(append([]byte("\n"), a.AuthoritiesPEM...), b.AuthoritiesPEM...), ""},
		"AnotherKey":           {a.CertificatePEM, b.KeyPEM, a.AuthoritiesPEM, "can't be used"},
		"NoAuthority":          {a.CertificatePEM, a.KeyPEM, nil, "there is no certificate"},
		"ALeafAsAuthority":     {a.CertificatePEM, a.KeyPEM, a.CertificatePEM, "no certificate of an authority"},
		"AKeyAmongAuthorities": {a.CertificatePEM, a.KeyPEM, a.KeyPEM, "PEM of a PRIVATE KEY"},
		"NotPEM":               {a.CertificatePEM, a.KeyPEM, []byte("hello"), "no PEM"},
		"NoName":               {a.AuthoritiesPEM, a.KeyPEM, a.AuthoritiesPEM, "can't be used"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificates.Parse(c.cert, c.key, c.authorities)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
