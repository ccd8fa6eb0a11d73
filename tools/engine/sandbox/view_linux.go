package sandbox

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/tools/engine/sandbox/stage"
)

// systemFolders are shown to every action where the machine has them.
var systemFolders = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu", "/snap", "/run/current-system",
}

// own are the folders of an action's view that are not the host's; nothing below them can be shown.
var own = []string{"/dev", "/proc", "/sys", "/tmp", "/var/tmp", stage.ExecRoot, "/.bbf"}

// view is what every action sees beside its exec root: a skeleton on disk and what is to be mounted on it.
type view struct {
	root  string // the skeleton
	binds []stage.Bind
}

func (v *view) setup() *stage.Setup { return &stage.Setup{Root: v.root, Binds: v.binds} }

// newView makes the skeleton anew.
func newView(o Options) (view, error) {
	if o.Scratch == "" {
		return view{}, fmt.Errorf("no scratch folder is given")
	}
	scratch, err := filepath.Abs(o.Scratch)
	if err == nil {
		err = os.MkdirAll(scratch, 0o700)
	}
	if err == nil {
		scratch, err = filepath.EvalSymlinks(scratch)
	}
	if err != nil {
		return view{}, fmt.Errorf("making the sandbox's folder: %w", err)
	}
	v := view{root: filepath.Join(scratch, "view")}
	if err := os.RemoveAll(v.root); err != nil {
		return view{}, fmt.Errorf("deleting an old view: %w", err)
	}
	if err := v.fill(o.Show, o.Log); err != nil {
		return view{}, fmt.Errorf("making the sandbox's view: %w", err)
	}
	return v, nil
}

func (v *view) fill(show []string, log *slog.Logger) error {
	for _, dir := range []string{
		"", stage.ExecRoot, "/tmp", "/var", "/proc", "/sys", "/dev/pts", "/dev/shm", "/root", "/home", "/run", stage.EmptyDir,
	} {
		if err := os.MkdirAll(v.root+dir, 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(v.root+stage.EmptyFile, nil, 0o444); err != nil {
		return err
	}
	for name, target := range map[string]string{
		"/var/tmp": "../tmp", "/var/run": "../run", "/dev/ptmx": "pts/ptmx", "/dev/fd": "/proc/self/fd",
		"/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1", "/dev/stderr": "/proc/self/fd/2",
	} {
		if err := os.Symlink(target, v.root+name); err != nil {
			return err
		}
	}
	for _, device := range []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/sys"} {
		if _, err := os.Lstat(device); err == nil {
			if err := v.bind(device, device); err != nil {
				return err
			}
		}
	}
	for _, folder := range systemFolders {
		if err := v.system(folder); err != nil {
			return err
		}
	}
	// Names are resolved as on the host, where /etc/resolv.conf may be a link to a file that a service keeps.
	if target, err := filepath.EvalSymlinks("/etc/resolv.conf"); err == nil && !v.shows(target) {
		show = append([]string{filepath.Dir(target)}, show...)
	}
	slices.Sort(show)
	for _, path := range show {
		path = filepath.Clean(path)
		target, err := filepath.EvalSymlinks(path)
		switch {
		case err != nil:
			log.Warn("a path to show to actions is not there", "path", path, "err", err)
		case !filepath.IsAbs(path) || path == "/" || slices.ContainsFunc(own, func(o string) bool { return within(path, o) }):
			log.Warn("a path can't be shown to actions: it is not absolute, or lies where actions have a folder of their own", "path", path)
		case v.shows(path):
		default:
			if err := v.bind(target, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// system shows one of the system's folders. A symlink such as /bin → usr/bin stays one when what it points to is shown.
func (v *view) system(folder string) error {
	link, err := os.Readlink(folder)
	if err != nil {
		if st, err := os.Stat(folder); err == nil && st.IsDir() {
			return v.bind(folder, folder)
		}
		return nil // this machine has no such folder
	}
	target, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil // it points nowhere
	}
	if slices.ContainsFunc(systemFolders, func(f string) bool { return f != folder && within(target, f) }) {
		if err := os.MkdirAll(filepath.Dir(v.root+folder), 0o755); err != nil {
			return err
		}
		return os.Symlink(link, v.root+folder)
	}
	return v.bind(target, folder)
}

// bind makes the mount point for from.
func (v *view) bind(from, to string) error {
	st, err := os.Stat(from)
	if err != nil {
		return err
	}
	if st.IsDir() {
		err = os.MkdirAll(v.root+to, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(v.root+to), 0o755); err == nil {
		err = os.WriteFile(v.root+to, nil, 0o644)
	}
	v.binds = append(v.binds, stage.Bind{From: from, To: to})
	return err
}

func (v *view) shows(path string) bool {
	return slices.ContainsFunc(v.binds, func(b stage.Bind) bool { return within(path, b.To) && within(path, b.From) })
}

// within says whether path is dir or lies below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
