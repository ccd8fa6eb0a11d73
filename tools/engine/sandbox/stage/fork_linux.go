package stage

import (
	"syscall"
	"unsafe"
)

const clonePidfd = 0x1000

// fork starts the first process of an action's namespaces and returns a pidfd of it. report is the action's socket.
func fork(p *plan, report int) (pidfd int, errno syscall.Errno) {
	m := &message{}
	p.keep = append(p.keep, m) // on the heap: a stack may move
	m.iov[0] = iovec{uintptr(unsafe.Pointer(&m.raw)), unsafe.Sizeof(m.raw)}
	fd := int32(-1)
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, p.flags|clonePidfd|uintptr(syscall.SIGCHLD), 0, uintptr(unsafe.Pointer(&fd)), 0, 0, 0)
	if errno == 0 && pid == 0 {
		initMain(p, m, uintptr(report)) // never returns
	}
	p.done()
	return int(fd), errno
}

type iovec struct{ base, len uintptr }

// message is where a forked process writes what it reports.
type message struct {
	raw    raw
	iov    [2]iovec
	status int32
	rusage syscall.Rusage
	now    syscall.Timespec
}

// initMain is the first process of an action's namespaces. It has the memory of the stage, but only one thread of it, so
// neither it nor what it calls may allocate, grow the stack or be preempted: they are nosplit, and do nothing but system calls.
//
//go:nosplit
//go:norace
func initMain(p *plan, m *message, report uintptr) {
	if !play(p.init, m, report) {
		exit(1)
	}
	m.clock()
	m.raw.startSec, m.raw.startNsec = int64(m.now.Sec), int64(m.now.Nsec)
	child, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 {
		m.send(KindSetup, errno, report)
		exit(1)
	}
	if child == 0 {
		play(p.command, m, report)
		exit(127)
	}
	for {
		pid, _, errno := syscall.RawSyscall6(syscall.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(&m.status)), 0, uintptr(unsafe.Pointer(&m.rusage)), 0, 0)
		if errno == syscall.EINTR || errno == 0 && pid != child {
			continue // an orphan
		}
		if errno != 0 {
			m.send(KindSetup, errno, report)
			exit(1)
		}
		break
	}
	m.clock()
	m.raw.endSec, m.raw.endNsec = int64(m.now.Sec), int64(m.now.Nsec)
	m.raw.setUsage(syscall.WaitStatus(m.status), &m.rusage)
	m.send(KindExited, 0, report)
	exit(0) // the kernel kills everything else in the namespace
}

// play does a plan's system calls in turn. When one fails that may not, it reports that and returns false.
//
//go:nosplit
//go:norace
func play(ops []op, m *message, report uintptr) bool {
	var last, saved uintptr
	for i := range ops {
		o := &ops[i]
		if o.flags&ifNoExec != 0 && saved != uintptr(syscall.ENOEXEC) || o.flags&probe != 0 && saved != uintptr(syscall.ENOENT) {
			continue
		}
		first := o.a[0]
		if o.flags&useLast != 0 {
			first = last
		}
		r, _, errno := syscall.RawSyscall6(o.nr, first, o.a[1], o.a[2], o.a[3], o.a[4], o.a[5])
		last = r
		m.iov[1] = iovec{o.text, o.len}
		switch {
		case o.flags&probe != 0:
			if errno == 0 {
				m.send(KindStart, syscall.ENOENT, report)
				return false
			}
		case errno == 0 || o.flags&mayFail != 0 || o.flags&goneIsFine != 0 && errno == syscall.ENOENT:
		case o.flags&next != 0 && (errno == syscall.ENOENT || errno == syscall.ENOTDIR || errno == syscall.EACCES || errno == syscall.ENOEXEC):
			if saved != uintptr(syscall.EACCES) {
				saved = uintptr(errno)
			}
		case o.flags&start != 0:
			m.send(KindStart, errno, report)
			return false
		default:
			m.send(KindSetup, errno, report)
			return false
		}
	}
	if saved != 0 {
		m.iov[1] = iovec{ops[len(ops)-3].text, ops[len(ops)-3].len} // of the last attempt
		m.send(KindStart, syscall.Errno(saved), report)
		return false
	}
	return true
}

//go:nosplit
//go:norace
func (m *message) clock() {
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 0, uintptr(unsafe.Pointer(&m.now)), 0)
}

//go:nosplit
//go:norace
func (m *message) send(kind int64, errno syscall.Errno, report uintptr) {
	m.raw.kind = kind
	m.raw.errno = int64(errno)
	n := uintptr(2)
	if kind == KindExited {
		n = 1
	}
	syscall.RawSyscall(syscall.SYS_WRITEV, report, uintptr(unsafe.Pointer(&m.iov)), n)
}

//go:nosplit
//go:norace
func exit(code uintptr) {
	for {
		syscall.RawSyscall(syscall.SYS_EXIT_GROUP, code, 0, 0)
	}
}

//go:nosplit
//go:norace
func (r *raw) setUsage(status syscall.WaitStatus, u *syscall.Rusage) {
	r.status = int64(status)
	r.maxRSS = int64(u.Maxrss)
	r.userUsec = int64(u.Utime.Sec)*1e6 + int64(u.Utime.Usec)
	r.systemUsec = int64(u.Stime.Sec)*1e6 + int64(u.Stime.Usec)
}
