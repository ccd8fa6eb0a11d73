package daemon

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Command is how a daemon is started: bbf's own program, with a verb.
type Command struct {
	Exe  string   // the program
	Args []string // the verb and its flags
	Env  []string // see Environment
}

// spawn starts the daemon in a session of its own, so that the terminal's Ctrl-C and hangup don't reach it, with nothing of ours open:
// `bazel run` waits until its pipes are closed.
func (d Daemon) spawn(c Command) (*exec.Cmd, error) {
	if err := os.Rename(d.Log, d.Log+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	log, err := os.OpenFile(d.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	closeInherited()
	cmd := &exec.Cmd{
		Path:   c.Exe,
		Args:   append([]string{"bbf"}, c.Args...),
		Env:    c.Env,
		Dir:    "/",
		Stdout: log, Stderr: log, // files, not pipes: they are the child's own
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	return cmd, cmd.Start()
}

// Environment keeps what every daemon reads, and what one needs besides. The rest is of the shell, or the `bazel run`, that happened to
// start it.
func Environment(env []string, besides ...string) []string {
	keep := []string{"HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "XDG_CACHE_HOME", "LANG", "TZ", "GOMEMLIMIT", "GOGC", "GODEBUG", "GOTRACEBACK", "GORACE", "GOCOVERDIR"}
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return !slices.Contains(keep, name) && !slices.Contains(besides, name) && !strings.HasPrefix(name, "BBF_")
	})
}

// closeInherited keeps the daemon from inheriting what our own parent left open beside the three standard files.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // nothing to look through: then there is little to fear either
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}
