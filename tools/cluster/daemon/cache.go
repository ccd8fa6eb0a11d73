package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Cache is the folder of all that bbf keeps for a user on this machine.
type Cache string

// FindCache reads from the environment where it is.
func FindCache(getenv func(string) string) (Cache, error) {
	for _, from := range []struct{ name, below string }{{"BBF_CACHE", ""}, {"XDG_CACHE_HOME", "bbf"}} {
		if dir := getenv(from.name); dir != "" {
			if !filepath.IsAbs(dir) {
				return "", fmt.Errorf("%s is %q: it must be an absolute path", from.name, dir)
			}
			return Cache(filepath.Join(dir, from.below)), nil
		}
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("there is no place for the cache: HOME is not set; set BBF_CACHE to a folder of yours")
	}
	if runtime.GOOS == "darwin" {
		return Cache(filepath.Join(home, "Library", "Caches", "bbf")), nil
	}
	return Cache(filepath.Join(home, ".cache", "bbf")), nil
}

// maxSocket is what a socket's path may take: the kernels allow 104 (macOS) or 108 bytes, and some clients fewer.
const maxSocket = 100

// Sockets returns where a daemon with that folder in the cache has its sockets, the longest name of which is given: in the folder, unless
// their paths would be too long.
func Sockets(folder, longest string) string {
	if len(filepath.Join(folder, longest)) <= maxSocket {
		return folder
	}
	sum := sha256.Sum256([]byte(folder))
	return filepath.Join("/tmp", "bbf-"+strconv.Itoa(os.Geteuid()), hex.EncodeToString(sum[:4]))
}

// Folders of daemons in the cache. They hold no cached data, and who empties the cache leaves them alone.
var Folders = []string{"run", "agent"}

// Prepare claims the cache, and makes the folders of one daemon in it, private ones.
func (c Cache) Prepare(folder, sockets string) error {
	if err := c.Claim(); err != nil {
		return err
	}
	if sockets == folder {
		return MakePrivate(folder)
	}
	return MakePrivate(folder, filepath.Dir(sockets), sockets)
}

// Tag marks the cache's folder: for backup programs (bford.info/cachedir), and for `down --purge`, which empties no folder without it.
func (c Cache) Tag() string { return filepath.Join(string(c), "CACHEDIR.TAG") }

const tagText = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is the cache of bbf. `bbf down --purge` empties it.\n"

// Claimed reports whether the folder has the tag.
func (c Cache) Claimed() bool {
	tag, err := os.ReadFile(c.Tag())
	return err == nil && strings.Contains(string(tag), "cache of bbf")
}

// Claim makes the folder and puts the tag into it. It refuses one that holds something else.
func (c Cache) Claim() error {
	if err := os.MkdirAll(string(c), 0o700); err != nil {
		return fmt.Errorf("making the cache's folder: %w", err)
	}
	if c.Claimed() {
		return nil
	}
	entries, err := os.ReadDir(string(c))
	if err != nil {
		return fmt.Errorf("reading the cache's folder: %w", err)
	}
	ours := append([]string{"lock", filepath.Base(c.Tag())}, Folders...)
	for _, e := range entries {
		if !slices.Contains(ours, e.Name()) {
			return fmt.Errorf("%s is not empty and no cache of bbf (it holds %s): set BBF_CACHE to a folder that is empty or new", c, e.Name())
		}
	}
	if err := os.WriteFile(c.Tag(), []byte(tagText), 0o644); err != nil {
		return fmt.Errorf("marking the cache's folder: %w", err)
	}
	return nil
}
