package tunnel

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// giveUp makes a socket break when nothing that was sent has been acknowledged for so long; by default that takes a quarter of an hour.
func giveUp(_, _ string, c syscall.RawConn) error {
	var failed error
	if err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	}); err != nil {
		return err
	}
	return failed
}
