package stage

import (
	"runtime"
	"syscall"
	"unsafe"
)

func init() {
	switch role, _ := syscall.Getenv(RoleVariable); role {
	case RoleStage:
		serve()
		syscall.Exit(0)
	case RoleReaper:
		reap()
		syscall.Exit(0)
	}
}

// serve is the life of the stage. It ends when the engine does: then its end of the control socket is closed.
func serve() {
	calm()
	message, files, err := receive()
	if err != nil {
		return
	}
	closeAll(files)
	var s Setup
	what := "reading the set-up"
	var t *template
	if err = s.decode(message); err == nil {
		if t, what, err = newTemplate(&s); err == nil {
			what, err = dropRights()
		}
	}
	if err != nil {
		reply(ControlFD, KindSetup, err, what, -1)
		return
	}
	null, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		reply(ControlFD, KindSetup, err, "opening /dev/null", -1)
		return
	}
	reply(ControlFD, KindReady, nil, "", -1)
	for n := 1; ; n++ {
		message, files, err := receive()
		if err != nil {
			return
		}
		if len(files) == 3 {
			spawn(t, message, null, files)
		}
		closeAll(files)
		if n%16 == 0 {
			runtime.GC() // never by itself, so never beside a fork
		}
	}
}

// spawn forks one action.
func spawn(t *template, message []byte, null int, files []int) {
	var a Action
	report := files[2]
	if err := a.decode(message); err != nil {
		reply(report, KindSetup, err, "reading the action", -1)
		return
	}
	pidfd, errno := fork(newPlan(t, &a, null, files[0], files[1]), report)
	if errno != 0 {
		reply(report, KindSetup, errno, "making the namespaces", -1)
		return
	}
	reply(report, KindReady, nil, "", pidfd)
	syscall.Close(pidfd)
}

// The stage has but one thread of control, and the less memory it dirties, the less there is to copy at each fork.
var (
	receiveBuffer [MaxInline]byte
	receiveOOB    [128]byte
)

// receive reads the next message, with the files that come with it. The message is good until the next call.
func receive() (message []byte, files []int, err error) {
	buf, oob := receiveBuffer[:], receiveOOB[:]
	var n, oobn int
	for {
		n, oobn, _, _, err = syscall.Recvmsg(ControlFD, buf, oob, syscall.MSG_CMSG_CLOEXEC)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if n == 0 {
		return nil, nil, syscall.EPIPE
	}
	controls, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return nil, nil, err
	}
	for i := range controls {
		fds, err := syscall.ParseUnixRights(&controls[i])
		if err != nil {
			return nil, nil, err
		}
		files = append(files, fds...)
	}
	if buf[0] == inFile && len(files) > 0 {
		last := files[len(files)-1]
		message, err = readAll(last)
		syscall.Close(last)
		return message, files[:len(files)-1], err
	}
	return buf[1:n], files, nil
}

func readAll(fd int) ([]byte, error) {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, err
	}
	b := make([]byte, st.Size)
	for done := 0; done < len(b); {
		n, err := syscall.Pread(fd, b[done:], int64(done))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, syscall.EIO
		}
		done += n
	}
	return b, nil
}

// reply sends a record from the stage itself, with a file where fd is not negative.
func reply(to int, kind int64, err error, what string, fd int) {
	r := raw{kind: kind}
	if errno, ok := err.(syscall.Errno); ok {
		r.errno = int64(errno)
	} else if err != nil {
		what += ": " + err.Error()
	}
	var oob []byte
	if fd >= 0 {
		oob = syscall.UnixRights(fd)
	}
	sendRaw(to, &r, what, oob)
}

func sendRaw(to int, r *raw, text string, oob []byte) {
	b := append(unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r)), text...)
	syscall.Sendmsg(to, b, oob, nil, syscall.MSG_NOSIGNAL) // who gave up waiting needs no reply
}

func closeAll(files []int) {
	for _, fd := range files {
		syscall.Close(fd)
	}
}
