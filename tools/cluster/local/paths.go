// Package local is the backend that needs nothing but this machine: one engine per user, as a daemon, that all of
// the user's workspaces share.
//
// The engine is found through two sockets in a folder that only its user can enter: one speaks the Remote Execution
// API, the other HTTP and JSON (GET /status, POST /stop, POST /workspaces). Nothing else says whether it runs: a pid
// or a socket that a dead engine left means nothing, the lock that it held is what counts.
package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// maxSocket is what a socket's path may take: the kernels allow 104 (macOS) or 108 bytes, and some clients fewer.
const maxSocket = 100

// Paths are the places of one engine on disk.
type Paths struct {
	Cache   string // folder of everything
	Sockets string // folder of the two sockets; the run folder, unless that would be too long
}

// FindPaths reads from the environment where the user's engine lives.
func FindPaths(getenv func(string) string) (Paths, error) {
	cache, err := cacheFolder(getenv)
	if err != nil {
		return Paths{}, err
	}
	p := Paths{Cache: filepath.Clean(cache)}
	p.Sockets = p.Run()
	if len(p.Control()) > maxSocket {
		sum := sha256.Sum256([]byte(p.Cache))
		p.Sockets = filepath.Join("/tmp", "bbf-"+strconv.Itoa(os.Geteuid()), hex.EncodeToString(sum[:4]))
	}
	return p, nil
}

func cacheFolder(getenv func(string) string) (string, error) {
	for _, from := range []struct{ name, below string }{{"BBF_CACHE", ""}, {"XDG_CACHE_HOME", "bbf"}} {
		if dir := getenv(from.name); dir != "" {
			if !filepath.IsAbs(dir) {
				return "", fmt.Errorf("%s is %q: it must be an absolute path", from.name, dir)
			}
			return filepath.Join(dir, from.below), nil
		}
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("there is no place for the cache: HOME is not set; set BBF_CACHE to a folder of yours")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Caches", "bbf"), nil
	}
	return filepath.Join(home, ".cache", "bbf"), nil
}

// Run is the folder of what belongs to the running engine and not to the cache.
func (p Paths) Run() string { return filepath.Join(p.Cache, "run") }

// Engine is the socket that speaks the Remote Execution API.
func (p Paths) Engine() string { return filepath.Join(p.Sockets, "engine.sock") }

// Control is the socket for status and stop.
func (p Paths) Control() string { return filepath.Join(p.Sockets, "control.sock") }

// Endpoint is the engine's socket as --remote_executor takes it.
func (p Paths) Endpoint() string { return "unix:" + p.Engine() }

// Log is what the engine writes while it runs; the one before it is kept beside it.
func (p Paths) Log() string { return filepath.Join(p.Run(), "engine.log") }

// Lock is held by the engine for as long as it lives, and holds its pid.
func (p Paths) Lock() string { return filepath.Join(p.Cache, "lock") }

func (p Paths) upLock() string     { return filepath.Join(p.Run(), "up.lock") }
func (p Paths) workspaces() string { return filepath.Join(p.Run(), "workspaces.json") }
func (p Paths) tag() string        { return filepath.Join(p.Cache, "CACHEDIR.TAG") }
