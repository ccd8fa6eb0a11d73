package sandbox

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
	"golang.org/x/sys/unix"
)

// stageProcess is a running stage.
type stageProcess struct {
	control *os.File
	process *os.Process
	dead    atomic.Bool
	gone    chan struct{} // closed when the process is reaped
}

// startStage starts the stage and waits until it is set up. No thread of the engine has to outlive it: it ends by
// itself when the engine's end of the control socket is closed, and being the first process of a pid namespace it takes all actions with it.
func startStage(v view) (*stageProcess, error) {
	ours, theirs, err := socketpair(false)
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		ours.Close()
		return nil, err
	}
	defer null.Close()
	attr := &os.ProcAttr{
		Dir: "/",
		Env: []string{stage.RoleVariable + "=" + stage.RoleStage, "GOGC=off", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1", "GOTRACEBACK=single"},
		// Its standard error stays the engine's, for what Go's runtime has to say when it crashes.
		Files: []*os.File{null, null, os.Stderr, theirs},
		Sys: &syscall.SysProcAttr{
			Setsid:      true,
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
		},
	}
	if os.Getuid() != 0 {
		for c := uintptr(0); c <= unix.CAP_AUDIT_READ; c++ { // the last one that every supported kernel knows
			attr.Sys.AmbientCaps = append(attr.Sys.AmbientCaps, c)
		}
	}
	process, err := os.StartProcess("/proc/self/exe", []string{"bbf-sandbox"}, attr)
	if err != nil {
		ours.Close()
		return nil, err
	}
	s := &stageProcess{control: ours, process: process, gone: make(chan struct{})}
	go func() {
		process.Wait()
		s.dead.Store(true)
		close(s.gone)
	}()
	if err := s.setUp(v); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *stageProcess) setUp(v view) error {
	if err := send(s.control, v.setup().Encode()); err != nil {
		return err
	}
	buf := make([]byte, 4096)
	n, err := s.control.Read(buf)
	if err != nil {
		return fmt.Errorf("the process that starts actions died: %w", err)
	}
	r, ok := stage.DecodeRecord(buf[:n])
	if !ok {
		return errors.New("the process that starts actions answered nonsense")
	}
	if r.Kind != stage.KindReady {
		return recordError("", r)
	}
	return nil
}

func (s *stageProcess) alive() bool { return !s.dead.Load() }

func (s *stageProcess) stop() {
	s.process.Kill()
	<-s.gone
	s.control.Close()
}

// spawn has the stage fork an action.
func (s *stageProcess) spawn(a *stage.Action, stdout, stderr *os.File, into *outcome) (*reportSocket, *os.File, error) {
	ours, theirs, err := socketpair(true)
	if err != nil {
		return nil, nil, err
	}
	err = send(s.control, a.Encode(), stdout, stderr, theirs)
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, nil, fmt.Errorf("asking for a new process: %w", err)
	}
	report := &reportSocket{ours}
	pidfd, err := report.first(a.Args[0], into)
	if err != nil {
		ours.Close()
		return nil, nil, err
	}
	return report, pidfd, nil
}

// socketpair makes two connected sockets; reads of the first one may wait in Go's poller.
func socketpair(poll bool) (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("making a socket: %w", err)
	}
	if poll {
		unix.SetNonblock(fds[0], true)
	}
	return os.NewFile(uintptr(fds[0]), "sandbox"), os.NewFile(uintptr(fds[1]), "sandbox"), nil
}

// send sends a message and files.
func send(to *os.File, message []byte, files ...*os.File) error {
	frame, needsFile := stage.Frame(message)
	if needsFile {
		fd, err := unix.MemfdCreate("action", unix.MFD_CLOEXEC)
		if err != nil {
			return err
		}
		f := os.NewFile(uintptr(fd), "action")
		defer f.Close()
		if _, err := f.Write(message); err != nil {
			return err
		}
		files = append(files, f)
	}
	var fds []int
	for _, f := range files {
		c, err := f.SyscallConn()
		if err != nil {
			return err
		}
		if err := c.Control(func(fd uintptr) { fds = append(fds, int(fd)) }); err != nil {
			return err
		}
	}
	var oob []byte
	if len(fds) > 0 {
		oob = unix.UnixRights(fds...)
	}
	for {
		c, err := to.SyscallConn()
		if err != nil {
			return err
		}
		if ctlErr := c.Control(func(fd uintptr) { err = unix.Sendmsg(int(fd), frame, oob, nil, unix.MSG_NOSIGNAL) }); ctlErr != nil {
			return ctlErr
		}
		if err != unix.EINTR {
			return err
		}
	}
}
