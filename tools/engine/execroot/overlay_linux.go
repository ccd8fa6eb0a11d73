package execroot

import (
	"errors"
	"os"
	"strings"
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

// clearAttributes takes away the marks of an overlay, and what else an action has put there. The identity of the overlay, which the
// kernel would make again, stays.
func clearAttributes(path string) error {
	var b [4096]byte
	n, err := unix.Llistxattr(path, b[:])
	if n == 0 || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(b[:n]), "\x00"), "\x00") {
		// What is not a user's comes from the file system or its administrator, and a folder made anew would have it too.
		if !strings.HasPrefix(name, "user.") || name == "user.overlay.uuid" {
			continue
		}
		if err := unix.Lremovexattr(path, name); err != nil {
			return err
		}
	}
	return nil
}
