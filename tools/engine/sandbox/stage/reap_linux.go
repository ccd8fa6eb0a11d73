package stage

import (
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
)

// reap is the life of a reaper: it runs one command in plain sight of the machine, and then kills whatever that left
// behind, as all orphans below it become its children. It does the same when the engine closes the control socket, or dies.
func reap() {
	runtime.LockOSThread()
	calm()
	resetSIGCHLD()
	message, _, err := receive()
	if err != nil {
		return
	}
	var a Action
	if err := a.decode(message); err != nil || len(a.Layers) == 0 {
		reply(ControlFD, KindSetup, errTruncated, "reading the action", -1)
		return
	}
	if errno := prctl(prSetSubreaper, 1); errno != 0 {
		reply(ControlFD, KindSetup, errno, "becoming the reaper of orphans", -1)
		return
	}
	dir := a.Layers[0].Upper
	if a.Dir != "" {
		dir += "/" + a.Dir
	}
	if err := syscall.Chdir(dir); err != nil {
		reply(ControlFD, KindStart, err, "its working directory "+quote(a.Dir)+" can't be entered", -1)
		return
	}
	r := raw{kind: KindExited}
	now := clock()
	r.startSec, r.startNsec = int64(now.Sec), int64(now.Nsec)
	child, what, err := startPlain(&a)
	if err != nil {
		reply(ControlFD, KindStart, err, what, -1)
		return
	}
	// Only this thread waits. The other one may kill what there is at its moment: each death wakes this one, which then
	// kills what the dead have left, until there is nothing to wait for.
	var hungUp atomic.Bool
	go func() {
		receive() // nothing more comes: this returns when the other end is closed
		hungUp.Store(true)
		killChildren()
	}()
	for ended := false; ; {
		var usage syscall.Rusage
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, &usage)
		if err == syscall.ECHILD {
			break
		}
		if pid == child {
			ended = true
			now = clock()
			r.endSec, r.endNsec = int64(now.Sec), int64(now.Nsec)
			r.setUsage(status, &usage)
		}
		if ended || hungUp.Load() {
			killChildren()
		}
	}
	if hungUp.Load() {
		return // the engine wanted it killed: how it ended says nothing
	}
	sendRaw(ControlFD, &r, "", nil)
}

func resetSIGCHLD() {
	var act [4]uint64
	sigaction(syscall.SIGCHLD, &act)
}

func clock() syscall.Timespec {
	var m message
	m.clock()
	return m.now
}

// startPlain starts the command. What it does in case of trouble is what the plan of an action in namespaces does.
func startPlain(a *Action) (pid int, what string, err error) {
	if len(a.Args) == 0 || a.Args[0] == "" {
		return 0, "no program is named", syscall.ENOENT
	}
	attr := &syscall.ProcAttr{Env: a.Env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true}}
	err = syscall.ENOENT
	for _, path := range candidates(a.Args[0], a.Env) {
		pid, tryErr := syscall.ForkExec(path, a.Args, attr)
		if tryErr == syscall.ENOEXEC {
			pid, tryErr = syscall.ForkExec("/bin/sh", append([]string{"/bin/sh", path}, a.Args[1:]...), attr)
		}
		switch {
		case tryErr == nil:
			return pid, "", nil
		case tryErr == syscall.ENOENT && syscall.Access(path, 0) == nil:
			return 0, noInterpreter, tryErr
		case tryErr != syscall.ENOENT && tryErr != syscall.ENOTDIR && tryErr != syscall.EACCES:
			return 0, cantRun, tryErr
		case err != syscall.EACCES:
			err = tryErr
		}
	}
	return 0, cantRun, err
}

// What to say of a program that can't be started.
const (
	cantRun       = "it can't be run"
	noInterpreter = "it is there, but the interpreter of its first line, or the loader that it was linked for, is not"
)

// candidates are the paths at which a program may be, in the order in which they are tried.
func candidates(prog string, env []string) []string {
	if strings.Contains(prog, "/") {
		return []string{prog}
	}
	path := "/bin:/usr/bin" // as execvp does without PATH
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, "PATH="); ok {
			path = value
			break
		}
	}
	var list []string
	for dir := range strings.SplitSeq(path, ":") {
		if dir == "" {
			dir = "."
		}
		list = append(list, dir+"/"+prog)
	}
	return list
}

// killChildren kills this process's children. Theirs become its own when they are dead.
func killChildren() {
	for _, pid := range children() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// children reads the parent of every process from /proc.
func children() []int {
	fd, err := syscall.Open("/proc", syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	self, list := syscall.Getpid(), []int(nil)
	buf := make([]byte, 32<<10)
	for {
		n, err := syscall.ReadDirent(fd, buf)
		if err != nil || n <= 0 {
			return list
		}
		_, _, names := syscall.ParseDirent(buf[:n], -1, nil)
		for _, name := range names {
			if pid, ok := number(name); ok && parent(name) == self {
				list = append(list, pid)
			}
		}
	}
}

// parent is the fourth field of /proc/PID/stat. The second one is in parentheses and may have anything in it.
func parent(pid string) int {
	fd, err := syscall.Open("/proc/"+pid+"/stat", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer syscall.Close(fd)
	b := make([]byte, 512)
	n, err := syscall.Read(fd, b)
	if err != nil {
		return 0
	}
	stat := string(b[:n])
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	p, _ := number(fields[1])
	return p
}

func number(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, s != ""
}
