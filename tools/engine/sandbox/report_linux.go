package sandbox

import (
	"errors"
	"io"
	"os"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
	"golang.org/x/sys/unix"
)

// reportSocket is the engine's end of an action's socket.
type reportSocket struct{ *os.File }

// first reads until the stage has sent the pidfd of the action's first process. That process may have reported before.
func (r *reportSocket) first(program string, into *outcome) (*os.File, error) {
	buf, oob := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	for {
		n, oobn, err := r.receive(buf, oob)
		if err != nil {
			return nil, err
		}
		if n == 0 && into.failed != nil {
			return nil, recordError(program, *into.failed)
		}
		if n == 0 {
			return nil, errors.New("preparing the sandbox: the process that starts actions died")
		}
		if oobn > 0 {
			return pidfd(oob[:oobn])
		}
		if rec, ok := stage.DecodeRecord(buf[:n]); ok {
			into.add(rec)
		}
	}
}

// pidfd takes the file out of a control message.
func pidfd(oob []byte) (*os.File, error) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	for i := range msgs {
		if fds, err := unix.ParseUnixRights(&msgs[i]); err == nil && len(fds) == 1 {
			unix.SetNonblock(fds[0], true) // so that Go's poller takes it
			return os.NewFile(uintptr(fds[0]), "pidfd"), nil
		}
	}
	return nil, errors.New("preparing the sandbox: no process came (is the limit of open files reached?)")
}

func (r *reportSocket) receive(buf, oob []byte) (n, oobn int, err error) {
	c, err := r.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	waitErr := c.Read(func(fd uintptr) bool {
		n, oobn, _, _, err = unix.Recvmsg(int(fd), buf, oob, unix.MSG_CMSG_CLOEXEC)
		return err != unix.EAGAIN && err != unix.EINTR
	})
	if err == nil {
		err = waitErr
	}
	return n, oobn, err
}

// readAll reads records until no process of ours has the other end any more.
func (r *reportSocket) readAll(into *outcome) error {
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		if err == io.EOF || err == nil && n == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if rec, ok := stage.DecodeRecord(buf[:n]); ok {
			into.add(rec)
		}
	}
}
