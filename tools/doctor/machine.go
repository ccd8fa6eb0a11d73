package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bbf-build/bbf/tools/workspace"
)

const gib = 1 << 30

func sandboxWorks(_ context.Context, p Patient) Finding {
	var kind, reason string
	var best bool
	if p.up() {
		s := p.Status.Sandbox
		kind, reason, best = s.Kind+", inputs by "+s.Inputs, s.Reason, s.Kind == "namespaces" && s.Inputs == "overlay"
	} else {
		namespaces, overlay, why := p.Sandbox()
		kind, reason, best = fmt.Sprintf("namespaces: %v, overlay: %v", namespaces, overlay), why, namespaces && overlay
	}
	if best {
		return ok(kind)
	}
	mend := reason
	if mend == "" {
		mend = "allow unprivileged user namespaces: sysctl -w user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1"
	}
	return warn(kind+": actions are kept apart less well, and run slower", mend)
}

// diskSpace looks at the file system of the cache, or of where it will be.
func diskSpace(_ context.Context, p Patient) Finding {
	dir := p.Paths.Cache
	for dir != "/" {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fail(fmt.Sprintf("the file system of the cache (%s) doesn't answer: %v", dir, err), "set BBF_CACHE to a folder on another one")
	}
	free := int64(fs.Bavail) * int64(fs.Bsize)
	inodes := ""
	if fs.Files > 0 && fs.Ffree < 10_000 {
		inodes = fmt.Sprintf(", and for %d files", fs.Ffree)
	}
	detail := fmt.Sprintf("%.1f GiB free%s for the cache in %s", float64(free)/gib, inodes, p.Paths.Cache)
	mend := "free some space, set BBF_CACHE to a folder on another file system, or bbf down --purge"
	switch {
	case free < gib/2 || inodes != "":
		return fail(detail, mend)
	case free < 5*gib:
		return warn(detail, mend)
	}
	return ok(detail)
}

// clockSane compares the clock with the one of the file system, and with the workspace's files: Bazel, and the
// tools that it runs, don't cope with files from the future.
func clockSane(_ context.Context, p Patient) Finding {
	now := time.Now()
	if now.Year() < 2025 {
		return fail("the clock says "+now.Format(time.RFC3339), "set it: timedatectl set-ntp true")
	}
	f, err := os.CreateTemp("", "bbf-clock-*")
	if err != nil {
		return warn("not checked: no temporary file could be made: "+err.Error(), "set TMPDIR to a folder that you can write")
	}
	defer func() { f.Close(); os.Remove(f.Name()) }()
	fi, err := f.Stat()
	if err != nil {
		return warn("not checked: "+err.Error(), "set TMPDIR to a folder that you can write")
	}
	if off := fi.ModTime().Sub(now); off.Abs() > 2*time.Second {
		return fail(fmt.Sprintf("a file made just now has a time that is %v off the clock's", off), "set the clock of this machine, and of the file server if there is one: timedatectl set-ntp true")
	}
	if p.Workspace.Root == "" {
		return ok("agrees with the file system's")
	}
	for _, name := range append([]string{".bazelrc", "BUILD", "BUILD.bazel"}, workspace.Markers...) {
		fi, err := os.Stat(p.Workspace.Path(name))
		if err == nil && fi.ModTime().After(now.Add(time.Minute)) {
			return warn(fmt.Sprintf("%s was changed in the future, at %s", name, fi.ModTime().Format(time.RFC3339)), "set the clock, or touch the file")
		}
	}
	return ok("agrees with the file system's and the workspace's files")
}
