package stage

import (
	"syscall"
	"unsafe"
)

const (
	prSetDumpable   = 4
	prCapbsetDrop   = 24
	prSetSubreaper  = 36
	prSetNoNewPrivs = 38
	prCapAmbient    = 47
	ambientClearAll = 4
)

// calm puts signals and limits into the state that actions are to inherit.
func calm() {
	// The first process of a pid namespace ignores what it has no handler for, and Go's handlers are of no use in a
	// forked process; and what the engine ignores, an action should not.
	var act [4]uint64
	for s := 1; s <= 64; s++ {
		act[0] = 0
		if syscall.Signal(s) == syscall.SIGCHLD {
			act[0] = 1 // ignored: the kernel reaps
		}
		sigaction(syscall.Signal(s), &act)
	}
	var none uint64
	const setMask = 2
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&none)), 0, rtSigsetSize, 0, 0)
	syscall.Umask(0o022)
	syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	closeOnExec()
}

// closeOnExec keeps the control socket, and whatever the engine was started with, out of the actions.
func closeOnExec() {
	const closeRange, cloexec = 436, 4
	if _, _, errno := syscall.RawSyscall(closeRange, ControlFD, 1<<31-1, cloexec); errno == 0 {
		return
	}
	for fd := ControlFD; fd < 1<<16; fd++ { // Linux before 5.11
		syscall.CloseOnExec(fd)
	}
}

func sigaction(s syscall.Signal, act *[4]uint64) {
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(act)), 0, rtSigsetSize, 0, 0)
}

// keepCaps are the capabilities that a command of user 0 gets: none of them can change what it sees.
const keepCaps = 1<<0 /* chown */ | 1<<1 /* dac_override */ | 1<<3 /* fowner */ | 1<<4 /* fsetid */ | 1<<5 /* kill */ | 1<<6 /* setgid */ | 1<<7 /* setuid */

// dropRights sees to it that commands, on exec, lose the capabilities over the namespaces that the stage itself needs.
func dropRights() (what string, err error) {
	for c := uintptr(0); c < 64; c++ {
		if keepCaps>>c&1 == 1 {
			continue
		}
		if errno := prctl(prCapbsetDrop, c); errno == syscall.EINVAL {
			break // after the last capability of this kernel
		} else if errno != 0 {
			return "dropping capabilities", errno
		}
	}
	if errno := prctl(prCapAmbient, ambientClearAll); errno != 0 {
		return "dropping ambient capabilities", errno
	}
	header := struct {
		version uint32
		pid     int32
	}{version: 0x20080522}
	var caps [2]struct{ effective, permitted, inheritable uint32 }
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPGET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&caps)), 0); errno != 0 {
		return "reading the capabilities", errno
	}
	caps[0].inheritable, caps[1].inheritable = 0, 0
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&caps)), 0); errno != 0 {
		return "dropping inheritable capabilities", errno
	}
	if errno := prctl(prSetNoNewPrivs, 1); errno != 0 {
		return "setting no_new_privs", errno
	}
	if errno := prctl(prSetDumpable, 0); errno != 0 {
		return "hiding the memory of the stage", errno
	}
	return "", nil
}

func prctl(option, arg uintptr) syscall.Errno {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, option, arg, 0, 0, 0, 0)
	return errno
}
