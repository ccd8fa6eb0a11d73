package forward

import (
	"time"

	"golang.org/x/sys/unix"
)

// boundUnanswered ends a connection when what was sent isn't acknowledged for so long: see tcp(7).
func boundUnanswered(fd uintptr, d time.Duration) error {
	return unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
}
