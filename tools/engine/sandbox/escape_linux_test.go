package sandbox_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

// sh runs a script in a sandbox and returns what it printed, both streams together.
func sh(t *testing.T, r sandbox.Runner, script string, change ...func(*action)) string {
	t.Helper()
	a := newAction(t, r, "/bin/bash", "-c", "exec 2>&1; "+script)
	for _, c := range change {
		c(a)
	}
	if _, err := r.Run(context.Background(), a.Spec); err != nil {
		t.Fatal(err)
	}
	return a.read(t, "stdout")
}

func TestAnActionSeesOnlyItsOwn(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("the secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, sandbox.Options{})
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{secret, cwd, "/var/lib/dpkg", "/old_root", "/boot"} {
		if got := sh(t, r, fmt.Sprintf("ls -d %q", path)); !strings.Contains(got, "No such file") {
			t.Errorf("%s: %s", path, got)
		}
	}
	// Nothing in the whole view has the name of this test's folder, nor can the way back to the old root be found.
	got := sh(t, r, `find / -xdev -name secret -not -path '/usr/*' 2>/dev/null; ls -A /root /home /tmp /run/.. ; ls /proc/1/root/ /proc/1/cwd /proc/1/fd; cat /proc/1/environ`)
	if strings.Contains(got, "secret") || strings.Count(got, "Permission denied") < 3 {
		t.Error(got)
	}
	if got := sh(t, r, "ls /proc | grep -c '^[0-9]'; kill -0 -1; echo $?; echo $$"); !strings.HasSuffix(got, "\n2\n") {
		t.Errorf("it sees other processes: %q", got)
	}
}

func TestAnActionCantUndoItsMounts(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	for _, attempt := range []string{
		"umount /usr", "umount -l /", "umount /proc/sys", "mount -o remount,rw /usr", "mount -o remount,rw,bind /usr", "mount -t tmpfs x /tmp",
		"mount -t proc p /proc", "chroot / true", "touch /usr/x", "touch /etc/x", "touch /x", "touch /sys/x", "mknod /tmp/n b 254 0", "mknod /tmp/n c 1 1",
		"nsenter -t 1 -m true", "unshare -m true", "mount --bind /tmp /usr",
		"echo x > /proc/sys/kernel/core_pattern", "echo x > /proc/sys/kernel/hostname", "echo b > /proc/sysrq-trigger",
		"unshare -Um umount /proc/sys", "unshare -Urm umount /usr", "unshare -Urm mount -o remount,rw /usr", "unshare -Urm mount -o remount,rw,bind /proc/sys",
		"unshare -Ur sh -c 'echo x > /proc/sys/kernel/core_pattern'", "ip link add type dummy", "date -s 2000-01-01", "hostname x",
	} {
		if got := sh(t, r, "cd /; ("+attempt+") && echo DONE"); strings.Contains(got, "DONE") {
			t.Errorf("%s worked", attempt)
		}
	}
	if b, err := os.ReadFile("/proc/sys/kernel/core_pattern"); err != nil || strings.HasPrefix(string(b), "x") {
		t.Fatal(string(b), err)
	}
}

func TestAnActionHasFewCapabilities(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	got := sh(t, r, "grep -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status | tr -d '\\t\\n'")
	if os.Getuid() == 0 && got != "CapEff:00000000000000fbCapBnd:00000000000000fbNoNewPrivs:1" ||
		os.Getuid() != 0 && got != "CapEff:0000000000000000CapBnd:00000000000000fbNoNewPrivs:1" {
		t.Fatal(got)
	}
}

func TestAnActionCantKillItsKeeper(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	if got := sh(t, r, "for s in TERM INT HUP QUIT SEGV ABRT STOP KILL USR1 URG CHLD PIPE; do kill -$s 1; done; echo alive"); got != "alive\n" {
		t.Fatal(got)
	}
}

func TestAnActionHasDevices(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	got := sh(t, r, `set -e; echo x > /dev/null; head -c4 /dev/zero | wc -c; head -c4 /dev/urandom | wc -c; echo y > /dev/shm/f; cat /dev/shm/f; echo z | cat /dev/stdin; cat <(echo fd); python3 -c 'import pty; pty.openpty(); print("pty")'; echo t > /tmp/a; cat /var/tmp/a; pwd; ls /dev | wc -l`)
	if got != "4\n4\ny\nz\nfd\npty\nt\n/execroot\n13\n" {
		t.Fatalf("%q", got)
	}
}

func TestHiddenPathsBelowVisibleFolders(t *testing.T) {
	dir, err := os.MkdirTemp("/opt", "bbf-test-")
	if err != nil {
		t.Skip("no folder can be made in /opt: ", err)
	}
	defer os.RemoveAll(dir)
	for _, d := range []string{"cache/run", "workspace", "later", "open"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, d, "f"), []byte(d), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "socket"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("workspace", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	hidden := []string{}
	r := newRunner(t, sandbox.Options{
		Hide:   []string{dir + "/cache", dir + "/cache/run", dir + "/socket", dir + "/link", dir + "/not-there", "/", "/usr", "relative"},
		Hidden: func() []string { return hidden },
	})
	list := "cd " + dir + "; cat cache/f cache/run/f workspace/f later/f open/f socket 2>/dev/null; touch cache/x socket && echo WRITTEN; umount cache && echo UNDONE"
	if got := sh(t, r, list); !strings.HasPrefix(got, "lateropen") || strings.Contains(got, "WRITTEN") || strings.Contains(got, "UNDONE") {
		t.Fatal(got)
	}
	hidden = []string{dir + "/later"}
	if got := sh(t, r, list); !strings.HasPrefix(got, "open") {
		t.Fatal(got)
	}
}

func TestShownPaths(t *testing.T) {
	dir, err := os.MkdirTemp("/srv", "bbf-test-")
	if err != nil {
		t.Skip("no folder can be made in /srv: ", err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("shown"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, sandbox.Options{Show: []string{dir, dir + "/f", "/not/there", "/tmp"}})
	if got := sh(t, r, "cat "+dir+"/f; touch "+dir+"/x"); !strings.HasPrefix(got, "shown") || !strings.Contains(got, "Read-only") {
		t.Fatal(got)
	}
}

func TestNetwork(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	script := "cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d ' \\n'; (exec 3<>/dev/tcp/127.0.0.1/" + port + ") && echo CONNECTED"
	if got := sh(t, r, script); !strings.Contains(got, "CONNECTED") {
		t.Fatal(got)
	}
	off := func(a *action) { a.Network = false }
	if got := sh(t, r, script, off); !strings.HasPrefix(got, "lo") || strings.Contains(got, "eth") || strings.Contains(got, "CONNECTED") {
		t.Fatal(got)
	}
	// Loopback works.
	if got := sh(t, r, `python3 -c '
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
c = socket.create_connection(s.getsockname()); print("ok")'`, off); got != "ok\n" {
		t.Fatal(got)
	}
}

func TestActionsDontSeeEachOther(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	first := newAction(t, r, "/bin/sh", "-c", "ipcmk -M 100 >/dev/null; echo mine > /dev/shm/mine; touch up; sleep 1000")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx, first.Spec)
	}()
	defer func() { cancel(); <-done }()
	waitFor(t, filepath.Join(first.upper(), "up"))
	if got := sh(t, r, "ls /dev/shm; ipcs -m | grep -c 0x; pgrep sleep; ls -d "+first.dir); strings.Contains(got, "mine") || !strings.HasPrefix(got, "0\n") || !strings.Contains(got, "No such file") {
		t.Fatal(got)
	}
}

func TestAnOverlayAtAnAwkwardPath(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	a := newAction(t, r, "/bin/sh", "-c", "cat f g; echo hi > out")
	awkward := filepath.Join(a.dir, `a,b:c\d e`)
	for _, d := range []string{"lower", "upper", "work", "under"} {
		if err := os.MkdirAll(filepath.Join(awkward, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(filepath.Join(awkward, "lower", "f"), []byte("1"), 0o644)
	os.WriteFile(filepath.Join(awkward, "under", "g"), []byte("2"), 0o644)
	a.Root = []sandbox.Layer{{
		Lower: filepath.Join(awkward, "lower"), Under: []string{filepath.Join(awkward, "under")}, Upper: filepath.Join(awkward, "upper"), Work: filepath.Join(awkward, "work"),
	}}
	if res, err := r.Run(context.Background(), a.Spec); err != nil || res.ExitCode != 0 || a.read(t, "stdout") != "12" {
		t.Fatal(res, err, a.read(t, "stdout"))
	}
	if _, err := os.Stat(filepath.Join(awkward, "upper", "out")); err != nil {
		t.Fatal(err)
	}
}

func TestMoreLayers(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	dir := t.TempDir()
	for _, d := range []string{"ro", "lower", "upper", "work"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(dir, d, d), []byte(d), 0o644)
	}
	os.Remove(filepath.Join(dir, "work", "work"))
	got := sh(t, r, "cat ro/ro deep/er/lower deep/er/upper; echo x > deep/er/x; echo y > ro/y", func(a *action) {
		a.write(t, "ro/.keep", "", 0o644)
		a.write(t, "deep/er/.keep", "", 0o644)
		a.Root = append(a.Root, sandbox.Layer{At: "ro", Lower: dir + "/ro"}, sandbox.Layer{At: "deep/er", Lower: dir + "/lower", Upper: dir + "/upper", Work: dir + "/work"})
	})
	if !strings.HasPrefix(got, "rolowerupper") || !strings.Contains(got, "Read-only") {
		t.Fatal(got)
	}
	if _, err := os.Stat(dir + "/upper/x"); err != nil {
		t.Fatal(err)
	}
	unlock(dir)
}
