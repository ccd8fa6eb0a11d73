package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// machine is where the tests work: the Bazel to use and folders that all of them share.
type machine struct {
	bazel string // absolute
	repo  string // this repository
	dir   string // scratch: not under /tmp, which Bazel's own sandbox hides
}

// newMachine skips the test where no Bazel is given.
func newMachine(t *testing.T) machine {
	t.Helper()
	bazel := os.Getenv("BBF_E2E_BAZEL")
	if bazel == "" {
		t.Skip("SKIPPED: nothing was built end to end; set BBF_E2E_BAZEL to a Bazel (tools/dev/bazel is one)")
	}
	if !filepath.IsAbs(bazel) {
		t.Fatalf("BBF_E2E_BAZEL=%s is not an absolute path", bazel)
	}
	repo, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	// A clone of the repository has its own scratch, so two of them can test at once.
	key := sha256.Sum256([]byte(repo))
	m := machine{bazel: bazel, repo: repo, dir: filepath.Join(caches, "bbf-dev", "e2e", hex.EncodeToString(key[:4]))}
	if err := os.MkdirAll(m.home(), 0o755); err != nil {
		t.Fatal(err)
	}
	return m
}

// home is the HOME of everything that is started: no rc file or cache of the user's plays a part.
func (m machine) home() string { return filepath.Join(m.dir, "home") }

// bazelRoot holds the output bases of all workspaces, and so what they share: the fetched archives.
func (m machine) bazelRoot() string { return filepath.Join(m.dir, "bazel") }

// compiled is the disk cache for bbf's own compilation, which is the same in every workspace.
func (m machine) compiled() string { return filepath.Join(m.dir, "compiled") }

// environ is the environment of a user whose home is m.home() and whose bbf keeps its cache in the given folder.
func (m machine) environ(bbfCache string) []string {
	env := []string{"HOME=" + m.home(), "BBF_CACHE=" + bbfCache}
	// tools/dev/bazel keeps what it installs in the real user's cache folder.
	if caches, err := os.UserCacheDir(); err == nil {
		env = append(env, "XDG_CACHE_HOME="+caches)
	}
	for _, name := range []string{"PATH", "LANG", "TMPDIR", "BBF_BAZEL", "BBF_REGISTRY", "GOPROXY", "GONOSUMDB", "GOSUMDB", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
