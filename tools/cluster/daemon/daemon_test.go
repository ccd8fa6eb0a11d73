package daemon_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

func newDaemon(t *testing.T) daemon.Daemon {
	in := func(name string) string { return filepath.Join(t.TempDir(), name) }
	return daemon.Daemon{Name: "robot", Lock: in("lock"), UpLock: in("up.lock"), Log: in("log"), Control: in("control")}
}

func TestHold(t *testing.T) {
	d := newDaemon(t)
	if _, held := d.Holder(); held {
		t.Fatal("held by nobody")
	}
	release, err := d.Hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if pid, held := d.Holder(); !held || pid != os.Getpid() {
		t.Fatal(pid, held)
	}
	if _, err := d.Hold(t.Context()); err == nil || !strings.Contains(err.Error(), "another robot runs already (pid ") {
		t.Fatal(err)
	}
	release()
	if _, held := d.Holder(); held {
		t.Fatal("it is still held")
	}
}

func TestExclusive(t *testing.T) {
	d := newDaemon(t)
	quiet := func(string) {}
	release, err := d.Exclusive(t.Context(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = d.Exclusive(ctx, func(m string) { // it is said after a second
		if m != "waiting for another bbf, which is bringing the robot up or down" {
			t.Error(m)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	release()
	if release, err = d.Exclusive(t.Context(), quiet); err != nil {
		t.Fatal(err)
	}
	release()
}

func TestStopOfOneThatIsGone(t *testing.T) {
	d := newDaemon(t)
	for _, f := range []string{d.Control, d.Log} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	was, err := d.Stop(t.Context(), func(string) {}, d.Log)
	if was || err != nil {
		t.Fatal(was, err)
	}
	for _, f := range []string{d.Control, d.Log} {
		if _, err := os.Stat(f); !os.IsNotExist(err) {
			t.Errorf("%s stays: %v", f, err)
		}
	}
}

func TestEnvironment(t *testing.T) {
	got := daemon.Environment([]string{"HOME=/h", "SHLVL=2", "BBF_CACHE=/c", "AWS_PROFILE=p", "NO_PROXY=a=b"}, "NO_PROXY")
	if want := []string{"HOME=/h", "BBF_CACHE=/c", "NO_PROXY=a=b"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestSockets(t *testing.T) {
	long := "/" + strings.Repeat("a", 95)
	if got := daemon.Sockets("/c/agent", "x.sock"); got != "/c/agent" {
		t.Error(got)
	}
	one, other := daemon.Sockets(long+"/run", "x.sock"), daemon.Sockets(long+"/agent", "x.sock")
	if len(one) > 80 || one == other {
		t.Errorf("%s and %s", one, other)
	}
}

// A cache that has had only one of the two daemons so far is a cache for the other too.
func TestClaim(t *testing.T) {
	for _, folder := range daemon.Folders {
		c := daemon.Cache(filepath.Join(t.TempDir(), "c"))
		if err := os.MkdirAll(filepath.Join(string(c), folder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := c.Claim(); err != nil || !c.Claimed() {
			t.Error(err)
		}
	}
}
