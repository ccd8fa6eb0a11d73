package cas

import (
	"os"

	"golang.org/x/sys/unix"
)

// topDir is FS_TOPDIR_FL of linux/fs.h, what chattr +T sets.
const topDir = 0x20000

// Spread asks ext4 to put the folders below a folder far from each other on the disk. Files are made near the folder that they are made
// in, and where many files were deleted lately ext4 may be slow in making new ones (without a journal it was seen to take 0.9 ms
// a file instead of 0.03): so what we write, and only keep, should not lie beside what others make and delete all the time.
// Where that can't be asked for nothing is lost but speed.
func Spread(dir string) {
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err != nil || flags&topDir != 0 {
		return
	}
	_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags|topDir)
}
