package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

func newRunner(o Options) (Runner, Facts) {
	if o.Disable {
		return newProcesses(), Facts{Reason: "the sandbox is turned off"}
	}
	n, err := newNamespaces(o)
	if err == nil {
		err = n.probe(false)
	}
	if err != nil {
		if n != nil {
			n.Close()
		}
		return newProcesses(), Facts{Reason: "user namespaces can't be used: " + err.Error() + hint()}
	}
	if err := n.probe(true); err != nil {
		return n, Facts{Namespaces: true, Reason: fmt.Sprintf("overlay file systems can't be used in %s: %v (that takes Linux 5.11 and a folder on a local disk, not on an overlay or NFS)", o.Scratch, err)}
	}
	return n, Facts{Namespaces: true, Overlay: true}
}

// hint says what on this machine usually forbids user namespaces, and the way to mend it.
func hint() string {
	for _, sysctl := range []struct{ path, bad, mend string }{
		{"/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000"},
		{"/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
	} {
		if b, err := os.ReadFile(sysctl.path); err == nil && len(b) > 0 && string(b[:1]) == sysctl.bad && (len(b) == 1 || b[1] == '\n') {
			return "; allow them with: sudo " + sysctl.mend
		}
	}
	return "; in a container, allow the system calls unshare, mount and pivot_root (for Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined)"
}

// probe runs an action up to the point where its command is started, which fails: there is no such program. With overlay
// it also tries whether files in an overlay can be written and folders replaced.
func (n *namespaces) probe(overlay bool) error {
	dir, err := os.MkdirTemp(n.scratch, "probe-")
	if err != nil {
		return err
	}
	defer removeAll(dir)
	layer := Layer{Upper: filepath.Join(dir, "upper"), Lower: filepath.Join(dir, "lower"), Work: filepath.Join(dir, "work")}
	for _, d := range []string{layer.Upper, layer.Lower, layer.Work, filepath.Join(dir, "tmp")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	if overlay {
		// Without these attributes a folder that an action deletes and makes again shows its old content.
		if err := unix.Setxattr(layer.Upper, "user.overlay.probe", []byte("y"), 0); err != nil {
			return fmt.Errorf("its file system has no user attributes: %w", err)
		}
		unix.Removexattr(layer.Upper, "user.overlay.probe")
	} else {
		layer = Layer{Upper: layer.Upper}
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = n.Run(ctx, Spec{
		Args: []string{"/nonexistent/probe"}, Root: []Layer{layer}, Tmp: filepath.Join(dir, "tmp"), Stdout: null, Stderr: null, Network: true,
	})
	var start *StartError
	if errors.As(err, &start) {
		return nil
	}
	if err == nil {
		err = errors.New("the probe ran a program that is not there")
	}
	return err
}

// removeAll is os.RemoveAll for what the kernel leaves of an overlay: folders that nobody may enter.
func removeAll(dir string) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err == nil {
			os.Chmod(path, 0o700) // before the folder is read
		}
		return nil
	})
	os.RemoveAll(dir)
}
