package cfssl_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

const version = "v1.6.5"

// program is the real cfssl, compiled once a machine in a module cache of its own: nothing of it is in go.mod.
func program(t *testing.T) string {
	t.Helper()
	if os.Getenv("TEST_SRCDIR") != "" {
		t.Skip("SKIPPED UNDER BAZEL: the test compiles CFSSL; `go test` runs it")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	dir := filepath.Join(cache, "bbf-dev", "cfssl-"+version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
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
	path := filepath.Join(dir, "cfssl")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	cmd := exec.Command("go", "install", "github.com/cloudflare/cfssl/cmd/cfssl@"+version)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOMODCACHE="+filepath.Join(dir, "mod"), "GOFLAGS=-modcacherw", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: CFSSL can't be had: %v\n%s", err, out)
	}
	return path
}

// serve starts a server that signs with an authority, and returns its host and port.
func serve(t *testing.T, a *certificates.Authority, config string, more ...string) string {
	t.Helper()
	bin, dir := program(t), t.TempDir()
	cert, key := a.PEM()
	for name, data := range map[string][]byte{"ca.pem": cert, "ca.key": key, "config.json": []byte(config)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, bin, append([]string{"serve", "-address", "127.0.0.1", "-port", port,
		"-ca", "ca.pem", "-ca-key", "ca.key", "-config", "config.json"}, more...)...)
	cmd.Dir = dir
	log := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cancel()
		<-ended
		if t.Failed() {
			t.Logf("CFSSL's log:\n%s", log)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		select {
		case err := <-ended:
			ended <- err
			t.Fatal(fmt.Errorf("CFSSL has ended: %w", err))
		default:
		}
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		time.Sleep(20 * time.Millisecond) // asks again
	}
	t.Fatal("CFSSL doesn't listen")
	return ""
}
