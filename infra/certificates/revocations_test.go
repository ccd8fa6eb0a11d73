package certificates_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// bulletin is a list in a bucket.
type bulletin struct {
	mu   sync.Mutex
	text string
	err  error
}

func (b *bulletin) read(context.Context) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return []byte(b.text), b.err
}

func (b *bulletin) set(text string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text, b.err = text, err
}

func TestRevocations(t *testing.T) {
	a := authority(t)
	me := sign(t, alice, a)
	list := new(bulletin)
	r := certificates.NewRevocations(sign(t, server, a), list.read)
	accept, dial := certificates.ServerTLS(r, acme, nil), certificates.ClientTLS(me, acme, certificates.RoleServer)
	try := func(t *testing.T, want string) {
		t.Helper()
		s, _ := meet(t, accept, dial)
		if want == "" && s != nil || want != "" && (s == nil || !strings.Contains(s.Error(), want)) {
			t.Errorf("got %v", s)
		}
	}
	try(t, "hasn't been read yet")
	list.set("", errors.New("S3 is away"))
	if err := r.Refresh(t.Context()); err == nil {
		t.Error("no error")
	}
	try(t, "S3 is away")

	serial := me.Certificate.Leaf.SerialNumber.Text(16)
	for _, c := range []struct{ name, text, want string }{
		{"NoList", "", ""},
		{"Nobody", `{}`, ""},
		{"SomebodyElse", `{"names": ["` + rita.Name + `", "` + worker.String() + `"], "serials": ["7"]}`, ""},
		{"AnotherRoleOfHers", `{"names": ["` + strings.Replace(alice.String(), "builder", "reader", 1) + `"]}`, ""},
		{"HerURI", `{"names": ["` + alice.String() + `"]}`, "alice is revoked"},
		{"HerName", `{"names": ["` + alice.Name + `"]}`, "alice is revoked"},
		{"HerSerial", `{"serials": ["00:` + strings.ToUpper(serial) + `"]}`, "alice is revoked"},
		{"Damaged", `{"names": `, "alice is revoked"}, // what was known before stands
		{"HerNameMisspelt", `{"names": ["bbf://acme/builder/a/b"]}`, "alice is revoked"},
		{"NobodyAgain", `{}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			list.set(c.text, nil)
			if err := r.Refresh(t.Context()); (err != nil) != (c.name == "Damaged" || c.name == "HerNameMisspelt") {
				t.Error(err)
			}
			try(t, c.want)
		})
	}
}

func TestGuard(t *testing.T) {
	a := authority(t)
	list := new(bulletin)
	r := certificates.NewRevocations(sign(t, server, a), list.read)
	cut := map[string]int{}
	guard := func(name string, id certificates.Identity) func() {
		return r.Guard(sign(t, id, a).Certificate.Leaf, func(err error) {
			if !errors.Is(err, certificates.ErrRevoked) {
				t.Error(err)
			}
			cut[name]++
		})
	}
	guard("rita", rita)
	release := guard("alice", alice)
	guard("closed", alice)()
	list.set(`{"names": ["`+alice.Name+`"]}`, nil)
	for range 2 {
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	release()
	guard("late", alice)
	if len(cut) != 2 || cut["alice"] != 1 || cut["late"] != 1 {
		t.Errorf("cut: %v", cut)
	}
}

func TestRevocationsRun(t *testing.T) {
	a := authority(t)
	synctest.Test(t, func(t *testing.T) {
		list := &bulletin{err: errors.New("S3 is away")}
		r := certificates.NewRevocations(sign(t, server, a), list.read)
		failed, cut := 0, false
		r.Guard(sign(t, alice, a).Certificate.Leaf, func(error) { cut = true })
		ctx, cancel := context.WithCancel(t.Context())
		go r.Run(ctx, 30*time.Second, func(error) { failed++ })
		time.Sleep(50 * time.Second) // of the test's own clock
		synctest.Wait()
		if failed != 2 || cut {
			t.Errorf("failed %d times, cut: %t", failed, cut)
		}
		list.set(`{"names": ["`+alice.Name+`"]}`, nil)
		time.Sleep(33 * time.Second)
		synctest.Wait()
		if failed != 2 || !cut {
			t.Errorf("failed %d times, cut: %t", failed, cut)
		}
		cancel()
	})
}

func TestParseRevokedRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"NotJSON":      {`hello`, "invalid character"},
		"TwoLists":     {`{} {}`, "something behind"},
		"UnknownField": {`{"name": ["x"]}`, "unknown field"},
		"EmptyName":    {`{"names": [""]}`, "no name"},
		"BadURI":       {`{"names": ["bbf://acme/admin/x"]}`, "no role"},
		"BadSerial":    {`{"serials": ["xyz"]}`, "no serial number"},
		"Negative":     {`{"serials": ["-1"]}`, "no serial number"},
		"LongSerial":   {`{"serials": ["` + strings.Repeat("1", 81) + `"]}`, "no serial number"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := certificates.ParseRevoked([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
