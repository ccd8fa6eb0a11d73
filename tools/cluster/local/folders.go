package local

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/bbf-build/bbf/tools/cluster/daemon"
)

// Prepare makes the folders that an engine needs, and refuses ones that others could write or that hold something else.
func (p Paths) Prepare() error { return daemon.Cache(p.Cache).Prepare(p.Run(), p.Sockets) }

// CheckPrivate reports, without mending anything, what is wrong with the folders and sockets of an engine.
func (p Paths) CheckPrivate() error {
	for _, c := range []struct {
		path string
		mode fs.FileMode
	}{{p.Run(), 0o700}, {p.Sockets, 0o700}, {p.Engine(), 0o600}, {p.Control(), 0o600}} {
		fi, err := os.Lstat(c.path)
		switch {
		case err != nil:
			return fmt.Errorf("looking at the engine's sockets: %w", err)
		case daemon.Owner(fi) != os.Geteuid():
			return fmt.Errorf("%s belongs to the user with the id %d, not to you", c.path, daemon.Owner(fi))
		case fi.Mode().Perm() != c.mode:
			return fmt.Errorf("%s has the mode %04o, not %04o: others could reach it", c.path, fi.Mode().Perm(), c.mode)
		}
	}
	return nil
}
