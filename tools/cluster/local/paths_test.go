package local_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/local"
)

func env(m map[string]string) func(string) string {
	return func(name string) string { return m[name] }
}

func TestFindPaths(t *testing.T) {
	home := "/home/me/.cache/bbf"
	if runtime.GOOS == "darwin" {
		home = "/home/me/Library/Caches/bbf"
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		want string // the cache; "" is an error
	}{
		{"WhenOnlyHomeIsSet", map[string]string{"HOME": "/home/me"}, home},
		{"WhenXDGIsSet", map[string]string{"HOME": "/home/me", "XDG_CACHE_HOME": "/x"}, "/x/bbf"},
		{"WhenOursIsSet", map[string]string{"HOME": "/home/me", "XDG_CACHE_HOME": "/x", "BBF_CACHE": "/c/./d/"}, "/c/d"},
		{"WhenOursIsRelative", map[string]string{"HOME": "/home/me", "BBF_CACHE": "c"}, ""},
		{"WhenNothingIsSet", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := local.FindPaths(env(c.env))
			if c.want == "" {
				if err == nil {
					t.Fatal(p)
				}
				return
			}
			if err != nil || p.Cache != c.want || p.Endpoint() != "unix:"+c.want+"/run/engine.sock" {
				t.Fatal(p, err)
			}
		})
	}

	t.Run("WhenASocketsPathWouldBeTooLong", func(t *testing.T) {
		long := "/" + strings.Repeat("a", 95)
		p, err := local.FindPaths(env(map[string]string{"BBF_CACHE": long}))
		if err != nil || len(p.Control()) > 100 || p.Run() != long+"/run" || !strings.HasPrefix(p.Engine(), "/tmp/bbf-") {
			t.Fatal(p, err)
		}
		other, err := local.FindPaths(env(map[string]string{"BBF_CACHE": long + "b"}))
		if err != nil || other.Sockets == p.Sockets {
			t.Fatal("two caches share their sockets", err)
		}
	})

	t.Run("WhenItJustFits", func(t *testing.T) {
		cache := "/" + strings.Repeat("a", 100-len("/")-len("/run/control.sock"))
		p, err := local.FindPaths(env(map[string]string{"BBF_CACHE": cache}))
		if err != nil || len(p.Control()) != 100 || p.Sockets != p.Run() {
			t.Fatal(p, err)
		}
	})
}

func newPaths(t *testing.T) local.Paths {
	t.Helper()
	dir, err := os.MkdirTemp("", "bbf") // t.TempDir's paths are long, and sockets' must not be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p, err := local.FindPaths(env(map[string]string{"BBF_CACHE": filepath.Join(dir, "c")}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPrepare(t *testing.T) {
	t.Run("WhenItIsCalledAgain", func(t *testing.T) {
		p := newPaths(t)
		for range 2 {
			if err := p.Prepare(); err != nil {
				t.Fatal(err)
			}
		}
	})

	t.Run("WhenTheFolderHoldsSomethingElse", func(t *testing.T) {
		p := newPaths(t)
		if err := os.MkdirAll(filepath.Join(p.Cache, "letters"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := p.Prepare(); err == nil || !strings.Contains(err.Error(), "letters") {
			t.Fatal(err)
		}
	})

	t.Run("WhenItIsOpenToOthers", func(t *testing.T) {
		p := newPaths(t)
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p.Run(), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := p.CheckPrivate(); err == nil {
			t.Fatal("nothing was found")
		}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		if fi, err := os.Stat(p.Run()); err != nil || fi.Mode().Perm() != 0o700 {
			t.Fatal(fi.Mode(), err)
		}
	})
}
