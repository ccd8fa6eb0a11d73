package engine_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/engine"
)

// needNamespaces skips where the machine has none: there actions can't be kept apart, and Status says so.
func needNamespaces(t *testing.T, k *client) {
	t.Helper()
	if s := k.engine.Status().Sandbox; s.Kind != "namespaces" || s.Inputs != "overlay" {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: the sandbox here is %+v", s)
	}
}

func TestIsolation(t *testing.T) {
	secrets, err := os.MkdirTemp("/usr/local", "bbf-test-workspace-") // below a system folder, which actions do see
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	defer os.RemoveAll(secrets)
	secret := filepath.Join(secrets, "secret")
	if err := os.WriteFile(secret, []byte("s3cret"), 0o644); err != nil {
		t.Fatal(err)
	}
	k := start(t, func(c *engine.Config) { c.Hidden = func() []string { return []string{secrets} } })
	needNamespaces(t, k)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}

	for name, line := range map[string]string{
		"TheCacheIsHidden":                "ls " + k.cache + " && cat " + k.cache + "/lock",
		"ItsOwnSourcesAreHidden":          "ls " + working,
		"HomesAreEmpty":                   "ls -A /root/* /home/*",
		"AHiddenWorkspaceIsHidden":        "cat " + secret,
		"TheSystemIsReadOnly":             "echo x > /usr/bbf-test || echo x > /etc/bbf-test",
		"TheSystemCantBeRemounted":        "mount -o remount,rw /usr || mount -o remount,rw,bind /usr",
		"MountsCantBeTakenAway":           "umount /execroot || umount -l /tmp || umount /usr",
		"NoDeviceCanBeMade":               "mknod /tmp/disk b 8 0",
		"OtherProcessesAreOutOfSight":     "kill -0 " + "$(ls /proc | grep -E '^[0-9]+$' | sort -n | tail -1)0",
		"TheFirstProcessCantBeKilled":     "kill -9 1; sleep 0.05; test ! -d /proc/1",
		"TheFirstProcessHasNoSecrets":     "for f in /proc/1/cwd /proc/1/root /proc/1/exe /proc/1/fd/*; do readlink $f; cat $f; done 2>/dev/null | grep .",
		"ANewUserNamespaceCantUndoMounts": "unshare -Urm sh -c 'umount /execroot || mount -o remount,rw,bind /usr'",
		"ChrootDoesNotEscape":             "unshare -Ur chroot /proc/1/root ls " + k.cache,
	} {
		t.Run(name, func(t *testing.T) {
			r := k.run(shell(line))
			if r.GetStatus().GetCode() != 0 || r.GetResult().GetExitCode() == 0 {
				t.Errorf("%s\nsucceeded, or never ran: %v\n", line, r)
			}
		})
	}

	t.Run("WithNetworkOffThereIsLoopbackOnly", func(t *testing.T) {
		a := shell("ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '; echo; (echo > /dev/tcp/127.0.0.1/" + port + ") 2>&1 && echo reached")
		a.Arguments[0] = "/bin/bash"
		a.Action.Platform = properties("network", "off")
		out := string(k.run(a).GetResult().GetStdoutRaw())
		if strings.Contains(out, "eth") || strings.Contains(out, "reached") || !strings.Contains(out, "lo") {
			t.Fatal(out)
		}
	})

	t.Run("WithNetworkOnTheHostIsReached", func(t *testing.T) {
		a := shell("echo > /dev/tcp/127.0.0.1/" + port + " && echo reached")
		a.Arguments[0] = "/bin/bash"
		if r := k.run(a); string(r.GetResult().GetStdoutRaw()) != "reached\n" {
			t.Fatal(r)
		}
	})

	t.Run("TmpIsItsOwn", func(t *testing.T) {
		if r := k.run(shell("echo x > /tmp/mine; ls -A /tmp")); string(r.GetResult().GetStdoutRaw()) != "mine\n" {
			t.Fatal(r)
		}
		if r := k.run(shell("ls -A /tmp /var/tmp | grep -v :")); strings.TrimSpace(string(r.GetResult().GetStdoutRaw())) != "" {
			t.Fatal(r)
		}
	})

	t.Run("InputsCanBeWrittenToButTheStoreStays", func(t *testing.T) {
		if r := k.run(shell("chmod u+w in; echo changed >> in; rm -f in2; cat in > out", "out").with(files{"in": "first\n", "in2": "x"})); k.output(r, "out") != "first\nchanged\n" {
			t.Fatal(r)
		}
		if r := k.run(shell("cat in in2 > out", "out").with(files{"in": "first\n", "in2": "x"})); k.output(r, "out") != "first\nx" {
			t.Fatal(r)
		}
	})

	t.Run("WhatItLeavesBehindIsKilled", func(t *testing.T) {
		mark := "bbf-daemon-" + filepath.Base(secrets)
		r := k.run(shell("cp /bin/sleep " + mark + "; setsid ./" + mark + " 1000 >/dev/null 2>&1 & (./" + mark + " 1000 & ) ; sleep 0.1"))
		if r.GetResult().GetExitCode() != 0 {
			t.Fatal(r)
		}
		if left := processes(mark); len(left) > 0 {
			t.Errorf("still running: %q", left)
		}
	})
}
