package simple_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/simple"
)

const acme = "acme"

func options() simple.Options {
	return simple.Options{Cluster: acme, Hosts: []string{"198.51.100.7"}, Now: time.Now()}
}

// memory is a store that can fail at its n-th write.
type memory struct {
	files  map[string][]byte
	failAt int
}

func (m *memory) Read(_ context.Context, name string) ([]byte, error) { return m.files[name], nil }

func (m *memory) Write(_ context.Context, name string, data []byte) error {
	if m.failAt--; m.failAt == 0 {
		return errors.New("the disk is full")
	}
	m.files[name] = data
	return nil
}

func (m *memory) String() string { return "memory" }

func machine(t *testing.T, s simple.Store, role certificates.Role) *certificates.Bundle {
	t.Helper()
	k := certificates.NewKeeper(simple.New(s), certificates.Identity{Cluster: acme, Role: role, Name: "me"}, certificates.KeeperOptions{})
	if err := k.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := k.Current()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// meet says whether a builder gets through to the server.
func meet(server, builder *certificates.Bundle) error {
	here, there := net.Pipe()
	defer here.Close()
	done := make(chan error, 1)
	go func() {
		defer there.Close()
		s := tls.Server(there, certificates.ServerTLS(server, acme, nil))
		_, err := s.Write([]byte("x"))
		done <- err
	}()
	_, err := io.ReadFull(tls.Client(here, certificates.ClientTLS(builder, acme, certificates.RoleServer)), make([]byte, 1))
	here.Close()
	return errors.Join(err, <-done)
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certificates")
	if err := simple.Make(t.Context(), simple.Folder(dir), options()); err != nil {
		t.Fatal(err)
	}
	want := []string{"builder.key", "builder.pem", "ca.pem", "reader.key", "reader.pem", "server.key", "server.pem", "worker.key", "worker.pem"}
	var got []string
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		got = append(got, f.Name())
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("there are %v", got)
	}
	server := machine(t, simple.Folder(dir), certificates.RoleServer)
	if err := meet(server, machine(t, simple.Folder(dir), certificates.RoleBuilder)); err != nil {
		t.Error(err)
	}
	for _, host := range []string{"198.51.100.7", "server.acme.bbf.internal"} {
		if err := server.Certificate.Leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if err := simple.Make(t.Context(), simple.Folder(dir), options()); err == nil || !strings.Contains(err.Error(), "has certificates already") {
		t.Errorf("the second time: %v", err)
	}
	t.Run("CopiedForTasks", func(t *testing.T) {
		m := &memory{files: map[string][]byte{}}
		if err := simple.Copy(t.Context(), simple.Folder(dir), m, certificates.RoleServer, certificates.RoleWorker); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(m.files)); !slices.Equal(got, []string{"ca.pem", "server.key", "server.pem", "worker.key", "worker.pem"}) {
			t.Errorf("there are %v", got)
		}
	})
}

func TestRefused(t *testing.T) {
	made, other := &memory{files: map[string][]byte{}}, &memory{files: map[string][]byte{}}
	for _, m := range []*memory{made, other} {
		if err := simple.Make(t.Context(), m, options()); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		change func(map[string][]byte)
		want   string
	}{
		"Nothing":       {func(f map[string][]byte) { clear(f) }, "bbf auth"},
		"NoKey":         {func(f map[string][]byte) { delete(f, "builder.key") }, "there is no builder.key in memory"},
		"NoCertificate": {func(f map[string][]byte) { delete(f, "builder.pem") }, "there is no builder.pem in memory"},
		"NoAuthority":   {func(f map[string][]byte) { delete(f, "ca.pem") }, "there is no ca.pem in memory"},
		"AnotherKey":    {func(f map[string][]byte) { f["builder.key"] = other.files["builder.key"] }, "the certificate of another key"},
		"DamagedKey":    {func(f map[string][]byte) { f["builder.key"] = []byte("hello") }, "no PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			m := &memory{files: maps.Clone(made.files)}
			c.change(m.files)
			k := certificates.NewKeeper(simple.New(m), certificates.Identity{Cluster: acme, Role: certificates.RoleBuilder, Name: "me"}, certificates.KeeperOptions{})
			if err := k.Renew(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Machines that have looked before a step and machines that have looked after it get along, after each step, twice over; and so they do when
// a step is interrupted at any of its writes and made again.
func TestRotate(t *testing.T) {
	for failAt := range 10 {
		t.Run(fmt.Sprintf("InterruptedAtWrite%d", failAt), func(t *testing.T) {
			m := &memory{files: map[string][]byte{}}
			if err := simple.Make(t.Context(), m, options()); err != nil {
				t.Fatal(err)
			}
			first := machine(t, m, certificates.RoleBuilder)
			for i := range 6 {
				server, builder := machine(t, m, certificates.RoleServer), machine(t, m, certificates.RoleBuilder)
				m.failAt = failAt
				step, err := simple.Rotate(t.Context(), m, options())
				if err != nil {
					if whole(m) {
						together(t, m, server, builder)
					}
					step, err = simple.Rotate(t.Context(), m, options())
				}
				if want := simple.Step(i%3 + 1); err != nil || step != want {
					t.Fatalf("step %d: got %q, %v", i, step, err)
				}
				together(t, m, server, builder)
			}
			if err := meet(machine(t, m, certificates.RoleServer), first); err == nil {
				t.Error("the first certificate is still good")
			}
		})
	}
}

func together(t *testing.T, m *memory, server, builder *certificates.Bundle) {
	t.Helper()
	for name, err := range map[string]error{
		"old with old": meet(server, builder),
		"old with new": meet(server, machine(t, m, certificates.RoleBuilder)),
		"new with old": meet(machine(t, m, certificates.RoleServer), builder),
		"new with new": meet(machine(t, m, certificates.RoleServer), machine(t, m, certificates.RoleBuilder)),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// whole says whether the interruption has left keys and certificates that belong together: machines try again otherwise.
func whole(m *memory) bool {
	for _, role := range []string{"server", "builder"} {
		if _, err := tls.X509KeyPair(m.files[role+".pem"], m.files[role+".key"]); err != nil {
			return false
		}
	}
	return true
}
