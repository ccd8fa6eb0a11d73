package stage

import (
	"syscall"
	"unsafe"
)

// template is the part of every action's view that never changes, mounted once in the stage's mount namespace.
type template struct {
	root                string // the skeleton
	emptyDir, emptyFile string // what masks show
	newProc             bool   // the kernel lets us mount /proc
	protect             []string
}

// Names in the skeleton that package sandbox makes.
const (
	EmptyDir  = "/.bbf/empty" // a folder with nothing in it
	EmptyFile = "/.bbf/file"  // a file of no bytes
)

// newTemplate mounts the template. On an error, what names the step.
func newTemplate(s *Setup) (t *template, what string, err error) {
	t = &template{root: s.Root, emptyDir: s.Root + EmptyDir, emptyFile: s.Root + EmptyFile}
	// What the host unmounts is unmounted here too, so that no disk is held; nothing goes the other way.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SLAVE, ""); err != nil {
		return nil, "leaving the host's mount propagation", err
	}
	if err := syscall.Mount(t.root, t.root, "", syscall.MS_BIND, ""); err != nil {
		return nil, "mounting " + t.root, err
	}
	for _, b := range s.Binds {
		if err := syscall.Mount(b.From, t.root+b.To, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			return nil, "mounting " + b.From, err
		}
	}
	if what, err := t.freeze(s.Binds); err != nil {
		return nil, what, err
	}
	proc := t.root + "/proc"
	t.newProc = syscall.Mount("proc", proc, "proc", procFlags, "") == nil
	if t.newProc && syscall.Getuid() == 0 {
		// The kernel takes the owner of these files for the machine's root, whatever capabilities it lacks.
		for _, name := range []string{"/sys", "/sysrq-trigger", "/irq", "/bus", "/fs", "/acpi", "/scsi"} {
			if syscall.Access(proc+name, 0) == nil {
				t.protect = append(t.protect, proc+name)
			}
		}
	}
	if t.newProc {
		if err := syscall.Unmount(proc, syscall.MNT_DETACH); err != nil {
			return nil, "unmounting " + proc, err
		}
	}
	return t, "", nil
}

const procFlags = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC

// freeze makes everything in the template read-only, and lets no mount that the host makes later appear in it.
func (t *template) freeze(binds []Bind) (what string, err error) {
	path, err := syscall.BytePtrFromString(t.root)
	if err != nil {
		return "naming " + t.root, err
	}
	attr := [4]uint64{0: mountAttrRdonly, 2: msPrivate}
	_, _, errno := syscall.Syscall6(sysMountSetattr, fdcwd(), uintptr(unsafe.Pointer(path)), atRecursive, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno == 0 {
		return "", nil
	}
	if errno != syscall.ENOSYS { // Linux before 5.12
		return "making " + t.root + " read-only", errno
	}
	if err := syscall.Mount("", t.root, "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return "making " + t.root + " private", err
	}
	for _, b := range append([]Bind{{To: ""}}, binds...) {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(t.root+b.To, &fs); err != nil {
			return "looking at " + b.To, err
		}
		// The flags that the host has set can't be taken away here; these four have the same values in both places.
		keep := uintptr(fs.Flags) & (syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME)
		if fs.Flags&0x1000 != 0 { // ST_RELATIME
			keep |= syscall.MS_RELATIME
		}
		if err := syscall.Mount("", t.root+b.To, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY|keep, ""); err != nil {
			return "making " + b.To + " read-only", err
		}
	}
	return "", nil
}

// planProc adds /proc to an action's view.
func (t *template) planProc(p *plan) {
	proc := t.root + "/proc"
	if !t.newProc {
		p.mount("mounting /proc", 0, "/proc", proc, "", syscall.MS_BIND|syscall.MS_REC, "")
		p.readOnly(proc)
		return
	}
	p.mount("mounting /proc", 0, "proc", proc, "proc", procFlags, "")
	for _, path := range t.protect {
		p.mount("mounting "+path, 0, path, path, "", syscall.MS_BIND, "")
		p.readOnly(path)
	}
}
