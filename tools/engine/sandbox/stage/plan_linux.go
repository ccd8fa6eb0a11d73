package stage

import (
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

// System calls that the standard library has no number for. From 424 on they are the same on every architecture.
const (
	sysMountSetattr = 442

	atFdcwd          = -100
	atRecursive      = 0x8000
	mountAttrRdonly  = 1
	msPrivate        = 1 << 18
	rtSigsetSize     = 8
	ioctlSIOCSIFFLAG = 0x8914
)

// What is to be done with an op's result.
const (
	mayFail    = 1 << iota // go on when it fails
	next                   // an attempt to exec: when there is no such program, go on with the next one
	ifNoExec               // only when the attempt before failed with ENOEXEC
	probe                  // only when the attempt before found no file: if this call succeeds, fail with its text
	useLast                // the first argument is the result of the op before
	goneIsFine             // there is no such file: go on
	start                  // a failure is the command's, not the sandbox's
)

// op is one system call of a plan, with its arguments ready: a forked process can't allocate.
type op struct {
	nr    uintptr
	a     [6]uintptr
	flags uintptr
	text  uintptr // what failed, for the report
	len   uintptr
}

// plan is all the system calls that make an action out of a forked process.
type plan struct {
	init    []op // by the first process of the namespaces
	command []op // by its child
	keep    []any
	flags   uintptr // for clone
}

func (p *plan) str(s string) uintptr {
	b := append([]byte(s), 0)
	p.keep = append(p.keep, b)
	return uintptr(unsafe.Pointer(&b[0]))
}

func (p *plan) strs(list []string) uintptr {
	out := make([]uintptr, len(list)+1)
	for i, s := range list {
		out[i] = p.str(s)
	}
	p.keep = append(p.keep, out)
	return uintptr(unsafe.Pointer(&out[0]))
}

func (p *plan) op(text string, flags uintptr, nr uintptr, a ...uintptr) op {
	o := op{nr: nr, flags: flags, text: p.str(text), len: uintptr(len(text))}
	copy(o.a[:], a)
	return o
}

func (p *plan) mount(text string, extra uintptr, from, to, kind string, flags uintptr, data string) {
	var d uintptr
	if data != "" {
		d = p.str(data)
	}
	p.init = append(p.init, p.op(text, extra, syscall.SYS_MOUNT, p.str(from), p.str(to), p.str(kind), flags, d))
}

// readOnly makes a mount of this action read-only.
func (p *plan) readOnly(path string) {
	attr := &[4]uint64{mountAttrRdonly}
	p.keep = append(p.keep, attr)
	p.init = append(p.init, p.op("making "+path+" read-only", 0, sysMountSetattr, fdcwd(), p.str(path), atRecursive,
		uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr)))
}

func fdcwd() uintptr { n := atFdcwd; return uintptr(n) }

// newPlan plans an action. The files are the action's stdin, stdout and stderr.
func newPlan(t *template, a *Action, stdin, stdout, stderr int) *plan {
	p := &plan{flags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC}
	p.init = make([]op, 0, 32)
	// The stage ignores SIGCHLD, so that the kernel reaps for it; who waits for a child must not.
	dfl := &[4]uint64{}
	p.keep = append(p.keep, dfl)
	p.init = append(p.init, p.op("resetting SIGCHLD", 0, syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGCHLD), uintptr(unsafe.Pointer(dfl)), 0, rtSigsetSize))
	for _, m := range a.Masks {
		from := t.emptyFile
		if m.Dir {
			from = t.emptyDir
		}
		p.mount("hiding "+m.Path, goneIsFine, from, t.root+m.Path, "", syscall.MS_BIND, "")
	}
	for _, l := range a.Layers {
		p.layer(t, l)
	}
	if a.Tmp != "" {
		p.mount("mounting /tmp", 0, a.Tmp, t.root+"/tmp", "", syscall.MS_BIND, "")
	}
	t.planProc(p)
	if !a.Network {
		// The host's /sys would still name its interfaces.
		p.mount("mounting /sys", mayFail, "sysfs", t.root+"/sys", "sysfs", procFlags|syscall.MS_RDONLY, "")
	}
	p.mount("mounting /dev/shm", mayFail, "tmpfs", t.root+"/dev/shm", "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=1777")
	p.mount("mounting /dev/pts", mayFail, "devpts", t.root+"/dev/pts", "devpts", syscall.MS_NOSUID|syscall.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
	dot := p.str(".")
	p.init = append(p.init,
		p.op("entering the new root", 0, syscall.SYS_CHDIR, p.str(t.root)),
		p.op("pivoting to the new root", 0, syscall.SYS_PIVOT_ROOT, dot, dot),
		p.op("detaching the old root", 0, syscall.SYS_UMOUNT2, dot, syscall.MNT_DETACH),
		p.op("entering the root", 0, syscall.SYS_CHDIR, p.str("/")))
	if !a.Network {
		p.flags |= syscall.CLONE_NEWNET
		// struct ifreq: the interface's name in 16 bytes, then its flags.
		req := &[40]byte{'l', 'o', 16: syscall.IFF_UP | syscall.IFF_RUNNING}
		p.keep = append(p.keep, req)
		p.init = append(p.init,
			p.op("making a socket", 0, syscall.SYS_SOCKET, syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0),
			p.op("bringing loopback up", useLast, syscall.SYS_IOCTL, 0, ioctlSIOCSIFFLAG, uintptr(unsafe.Pointer(req))))
	}
	p.exec(a, stdin, stdout, stderr)
	return p
}

// layer mounts one layer of the exec root.
func (p *plan) layer(t *template, l Layer) {
	to := t.root + ExecRoot
	text := "mounting the exec root"
	if l.At != "" {
		to += "/" + l.At
		text += " at " + l.At
	}
	switch {
	case l.Upper == "":
		p.mount(text, 0, l.Lower, to, "", syscall.MS_BIND, "")
		p.readOnly(to)
	case l.Lower == "":
		p.mount(text, 0, l.Upper, to, "", syscall.MS_BIND, "")
	default:
		lower := escape(l.Lower, true)
		for _, u := range l.Under {
			lower += ":" + escape(u, true)
		}
		// Without "volatile" the kernel writes the whole upper file system to the disk at the end of every action.
		p.mount(text, 0, "overlay", to, "overlay", syscall.MS_NOSUID|syscall.MS_NODEV,
			"lowerdir="+lower+",upperdir="+escape(l.Upper, false)+",workdir="+escape(l.Work, false)+
				",userxattr,volatile,index=off,xino=off")
	}
}

// escape makes a path fit for an option of the overlay file system.
func escape(path string, colons bool) string {
	path = strings.ReplaceAll(path, `\`, `\\`)
	path = strings.ReplaceAll(path, ",", `\,`)
	if colons {
		path = strings.ReplaceAll(path, ":", `\:`)
	}
	return path
}

// exec plans the child that becomes the command.
func (p *plan) exec(a *Action, stdin, stdout, stderr int) {
	dir := ExecRoot
	if a.Dir != "" {
		dir += "/" + a.Dir
	}
	p.command = append(p.command,
		p.op("making a session", 0, syscall.SYS_SETSID),
		p.op("opening stdin", 0, syscall.SYS_DUP3, uintptr(stdin), 0, 0),
		p.op("opening stdout", 0, syscall.SYS_DUP3, uintptr(stdout), 1, 0),
		p.op("opening stderr", 0, syscall.SYS_DUP3, uintptr(stderr), 2, 0),
		p.op("its working directory "+quote(a.Dir)+" can't be entered", start, syscall.SYS_CHDIR, p.str(dir)))
	if len(a.Args) == 0 || a.Args[0] == "" {
		p.command = append(p.command, p.op("no program is named", start, syscall.SYS_CHDIR, p.str("")))
		return
	}
	argv, env := p.strs(a.Args), p.strs(a.Env)
	for _, path := range candidates(a.Args[0], a.Env) {
		p.try(path, argv, env, a.Args)
	}
}

// try plans one attempt to become the program at path. A file that is neither a binary nor has a "#!" line is run by the
// shell, as execvp does.
func (p *plan) try(path string, argv, env uintptr, args []string) {
	file := p.str(path)
	shell := p.strs(append([]string{"/bin/sh", path}, args[1:]...))
	p.command = append(p.command,
		p.op(cantRun, start|next, syscall.SYS_EXECVE, file, argv, env),
		p.op("it can't be run by /bin/sh", start|ifNoExec, syscall.SYS_EXECVE, p.str("/bin/sh"), shell, env),
		p.op(noInterpreter, start|probe,
			syscall.SYS_FACCESSAT, fdcwd(), file, 0))
}

func quote(s string) string { return `"` + s + `"` }

// done keeps what the plan points to until here.
func (p *plan) done() { runtime.KeepAlive(p.keep) }
