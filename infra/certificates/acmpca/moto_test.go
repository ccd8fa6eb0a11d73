package acmpca_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const moto = "moto[server]==5.2.5"

// program is moto's server in an environment of its own, which is made once a machine.
func program(t *testing.T) string {
	t.Helper()
	if os.Getenv("TEST_SRCDIR") != "" {
		t.Skip("SKIPPED UNDER BAZEL: the test wants a Python environment; `go test` runs it")
	}
	system, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS TESTED: moto needs python3, and there is none in PATH")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	dir := filepath.Join(cache, "bbf-dev", "moto-5.2.5")
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return filepath.Join(dir, "bin", "moto_server")
	}
	if err := os.RemoveAll(dir); err != nil { // its making was interrupted
		t.Fatal(err)
	}
	for _, argv := range [][]string{{system, "-m", "venv", dir}, {filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", moto}} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Skipf("SKIPPED, NOTHING WAS TESTED: moto can't be had: %v\n%s", err, out)
		}
	}
	if err := os.WriteFile(complete, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "bin", "moto_server")
}

// serve starts moto and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	bin := program(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd, log := exec.Command(bin, "-H", "127.0.0.1", "-p", port), new(strings.Builder)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("moto's log:\n%s", log)
		}
	})
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); {
		if res, err := http.Get("http://" + address + "/moto-api/"); err == nil {
			res.Body.Close()
			return "http://" + address
		}
		select {
		case <-ended:
			t.Fatal("moto has ended")
		case <-time.After(50 * time.Millisecond): // asks again
		}
	}
	t.Fatal("moto doesn't answer")
	return ""
}
