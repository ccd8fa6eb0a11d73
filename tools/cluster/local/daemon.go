package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/engine"
)

// startLimit bounds the wait for an engine that neither answers nor dies: a large cache on a slow disk takes a while.
const startLimit = 2 * time.Minute

// start runs an engine as a daemon and returns when it answers on its control socket. When it doesn't, nothing is
// left of it, and the error shows the end of its log.
func (b *Backend) start(ctx context.Context, r cluster.UpRequest) (engine.Status, error) {
	cmd, err := b.spawn(r)
	if err != nil {
		return engine.Status{}, fmt.Errorf("starting the engine: %w", err)
	}
	exited := make(chan struct{})
	var how error
	go func() { how = cmd.Wait(); close(exited) }()

	control := NewControl(b.paths.Control())
	for tick := newTicks(); ; {
		s, err := control.Status(ctx)
		if err == nil && s.PID == cmd.Process.Pid {
			return s, nil
		}
		select {
		case <-exited:
			return s, cluster.WithNext(fmt.Errorf("the engine ended while starting (%w); the end of its log, %s:\n%s", orZero(how), b.paths.Log(), b.tail()),
				"mend what the log says, then "+cluster.Command("up"))
		default:
		}
		if err := tick.wait(ctx); err != nil {
			end(cmd.Process, exited)
			return s, err
		}
		if tick.passed() > startLimit {
			end(cmd.Process, exited)
			return s, cluster.WithNext(fmt.Errorf("the engine did not answer within %v; the end of its log, %s:\n%s", startLimit, b.paths.Log(), b.tail()),
				cluster.Command("up"))
		}
	}
}

func orZero(how error) error {
	if how == nil {
		return errors.New("exit status 0")
	}
	return how
}

// spawn starts the engine in a session of its own, so that the terminal's Ctrl-C and hangup don't reach it, with
// nothing of ours open: `bazel run` waits until its pipes are closed.
func (b *Backend) spawn(r cluster.UpRequest) (*exec.Cmd, error) {
	if err := os.Rename(b.paths.Log(), b.paths.Log()+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	log, err := os.OpenFile(b.paths.Log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	closeInherited()
	cmd := &exec.Cmd{
		Path:   b.exe,
		Args:   append([]string{"bbf", "engine"}, engineFlags(r)...),
		Env:    daemonEnv(os.Environ()),
		Dir:    "/",
		Stdout: log, Stderr: log, // files, not pipes: they are the child's own
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	return cmd, cmd.Start()
}

func engineFlags(r cluster.UpRequest) (flags []string) {
	if r.Listen != "" {
		flags = append(flags, "--listen="+r.Listen)
	}
	if r.CacheSize != 0 {
		flags = append(flags, "--cache-size="+strconv.FormatInt(r.CacheSize, 10))
	}
	if r.Slots != 0 {
		flags = append(flags, "--slots="+strconv.Itoa(r.Slots))
	}
	return flags
}

// daemonEnv keeps what the engine reads. The rest is of the shell, or the `bazel run`, that happened to start it.
func daemonEnv(env []string) []string {
	keep := []string{"HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "XDG_CACHE_HOME", "LANG", "TZ", "GOMEMLIMIT", "GOGC", "GODEBUG", "GOTRACEBACK", "GORACE", "GOCOVERDIR"}
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return !slices.Contains(keep, name) && !strings.HasPrefix(name, "BBF_")
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

// end stops a child: kindly, then not.
func end(child *os.Process, exited <-chan struct{}) {
	for _, step := range []struct {
		signal os.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, grace + 2*time.Second}, {syscall.SIGKILL, time.Minute}} {
		if err := child.Signal(step.signal); err != nil {
			return // it is gone
		}
		select {
		case <-exited:
			return
		case <-time.After(step.wait):
		}
	}
}

// tail returns the last lines of the engine's log, indented.
func (b *Backend) tail() string {
	data, err := os.ReadFile(b.paths.Log())
	if err != nil {
		return "  (" + err.Error() + ")"
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-12):], "\n  ")
}
