package cas

import (
	"os"

	"golang.org/x/sys/unix"
)

// clone makes an empty file share another one's bytes, on file systems that can (btrfs, xfs).
func clone(to, from *os.File) error {
	return unix.IoctlFileClone(int(to.Fd()), int(from.Fd()))
}
