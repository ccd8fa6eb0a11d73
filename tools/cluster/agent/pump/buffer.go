package pump

import (
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// size of a buffer, in bytes. Larger ones make nothing faster.
const size = 128 << 10

// plain is how much is encrypted at once: what TLS adds (some 22 bytes for each 16 KiB) has to fit into a buffer too.
const plain = size - 1<<10

type buffer [size]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// readReady waits until there is something to read, and only then takes a buffer and reads, no more than most bytes. The caller puts the
// buffer back.
func readReady(raw syscall.RawConn, most int) (b *buffer, n int, err error) {
	closed := raw.Read(func(fd uintptr) (done bool) {
		b = buffers.Get().(*buffer)
		for {
			n, err = unix.Read(int(fd), b[:most])
			if err != unix.EINTR {
				break
			}
		}
		if n > 0 {
			return true
		}
		buffers.Put(b)
		b = nil
		return err != unix.EAGAIN
	})
	switch {
	case closed != nil:
		return nil, 0, closed
	case err != nil:
		return nil, 0, os.NewSyscallError("read", err)
	case n == 0:
		return nil, 0, io.EOF
	}
	return b, n, nil
}
