//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bbf": main})
}

// TestScripts runs the command as a program of its own, with an engine of its own, once a script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			cache := filepath.Join(e.WorkDir, "cache")
			e.Setenv("BBF_CACHE", cache)
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("BAZEL_REAL", "/nonexistent") // the machine's Bazel is none of the tests' business
			e.Defer(func() { killAll(e.WorkDir) })
			return os.Mkdir(filepath.Join(e.WorkDir, "home"), 0o700)
		},
		Condition: func(cond string) (bool, error) {
			if cond == "chown" {
				return canGiveAway(t.TempDir()), nil
			}
			return false, fmt.Errorf("there is no condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"signal":   signalEngine,
			"detached": detached,
			"mode":     mode,
			"owner":    owner,
			"same":     same,
			"pids":     pids,
			"socket":   socket,
		},
	})
}

// holder returns the pid in the lock of a cache, when somebody holds it.
func holder(cache string) (pid int, held bool) {
	f, err := os.Open(filepath.Join(cache, "lock"))
	if err != nil {
		return 0, false
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return 0, false
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		return 0, true
	}
	pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	return pid, true
}

func killHolder(cache string, sig syscall.Signal) bool {
	pid, held := holder(cache)
	return held && pid > 1 && syscall.Kill(pid, sig) == nil
}

// killAll ends the engines of all caches below a script's folder, whether the script came to its end or not.
func killAll(dir string) {
	for _, pattern := range []string{"*/lock", "*/*/lock"} {
		locks, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			panic(err) // a wrong pattern
		}
		for _, l := range locks {
			killHolder(filepath.Dir(l), syscall.SIGKILL)
		}
	}
}

// signal NAME sends KILL, TERM, INT, HUP, STOP or CONT to the engine, and waits for the first three until it is gone.
func signalEngine(ts *testscript.TestScript, _ bool, args []string) {
	sig := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT}[args[0]]
	cache := ts.Getenv("BBF_CACHE")
	if !killHolder(cache, sig) {
		ts.Fatalf("no engine runs")
	}
	if sig != syscall.SIGKILL && sig != syscall.SIGTERM && sig != syscall.SIGINT {
		return
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, held := holder(cache); !held {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("the engine is still there")
		}
	}
}

// detached checks that the engine has a session of its own and no pipe or terminal of whoever started it.
func detached(ts *testscript.TestScript, _ bool, _ []string) {
	pid, held := holder(ts.Getenv("BBF_CACHE"))
	if !held {
		ts.Fatalf("no engine runs")
	}
	stat, err := exec.Command("ps", "-o", "sess=,ppid=", "-p", strconv.Itoa(pid)).Output()
	ts.Check(err)
	if sid := strings.Fields(string(stat))[0]; sid != strconv.Itoa(pid) {
		ts.Fatalf("the engine %d is in the session %s", pid, sid)
	}
	for fd := range 3 {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
		if err != nil {
			continue // no Linux
		}
		if link != os.DevNull && link != filepath.Join(ts.Getenv("BBF_CACHE"), "run", "engine.log") {
			ts.Fatalf("file %d of the engine is %s", fd, link)
		}
	}
}

// mode OCTAL FILE... checks modes.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args[1:] {
		fi, err := os.Lstat(ts.MkAbs(file))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", fi.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has the mode %s", file, got)
		}
	}
}

// canGiveAway tells whether a folder can be given to another user: root can, but for one in a user namespace of one user.
func canGiveAway(dir string) bool { return os.Chown(dir, 12345, -1) == nil }

// owner UID FILE gives a file to somebody else.
func owner(ts *testscript.TestScript, _ bool, args []string) {
	uid, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.Chown(ts.MkAbs(args[1]), uid, -1))
}

// same FILE N checks that a file has exactly N lines that are all equal.
func same(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	if n, err := strconv.Atoi(args[1]); err != nil || len(lines) != n {
		ts.Fatalf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	for _, l := range lines {
		if l != lines[0] || l == "" {
			ts.Fatalf("the lines differ:\n%s", strings.Join(lines, "\n"))
		}
	}
}

// pids FILE... writes the pid in every file's JSON to the file "pids".
func pids(ts *testscript.TestScript, _ bool, args []string) {
	var out strings.Builder
	for _, file := range args {
		for line := range strings.Lines(ts.ReadFile(file)) {
			if pid, ok := strings.CutPrefix(strings.TrimSpace(line), `"pid":`); ok {
				fmt.Fprintln(&out, strings.Trim(pid, " ,"))
			}
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs("pids"), []byte(out.String()), 0o600))
}

// socket PATH leaves a socket behind on which nobody listens.
func socket(ts *testscript.TestScript, _ bool, args []string) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	ts.Check(err)
	defer syscall.Close(fd)
	ts.Check(syscall.Bind(fd, &syscall.SockaddrUnix{Name: ts.MkAbs(args[0])}))
}
