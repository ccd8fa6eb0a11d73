package execroot

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// isWhiteout says whether an upper folder has the mark of a deleted input: a character device with the number 0.
func isWhiteout(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode()&os.ModeCharDevice != 0 && st.Rdev == 0
}

// isOpaque says whether a folder of an upper folder hides what the inputs have in it: the action deleted the folder and made it again.
func isOpaque(host string) bool {
	var b [4]byte
	n, err := unix.Lgetxattr(host, "user.overlay.opaque", b[:])
	return err == nil && n == 1 && b[0] == 'y'
}
