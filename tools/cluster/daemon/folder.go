package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// MakePrivate makes folders that nobody else can enter, for sockets through which code is run as their owner.
func MakePrivate(folders ...string) error {
	for _, f := range folders {
		if err := makePrivate(f); err != nil {
			return err
		}
	}
	return nil
}

// makePrivate mends wrong modes of our own folder; somebody else's folder, or a link, may be a trap.
func makePrivate(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the folder of the sockets: %w", err)
	}
	fi, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("looking at the folder of the sockets: %w", err)
	}
	if !fi.IsDir() {
		return fmt.Errorf("%s is no folder: remove it", path)
	}
	if owner := Owner(fi); owner != os.Geteuid() {
		return fmt.Errorf("%s belongs to the user with the id %d, not to you: remove it, or set BBF_CACHE to a folder of yours", path, owner)
	}
	if fi.Mode().Perm() != 0o700 {
		if err := os.Chmod(path, 0o700); err != nil {
			return fmt.Errorf("closing the folder of the sockets to others: %w", err)
		}
	}
	return nil
}

// Owner is the id of the user that a file belongs to.
func Owner(fi fs.FileInfo) int {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}
