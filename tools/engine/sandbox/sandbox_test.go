package sandbox_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

// both runs a test with namespaces and with plain processes.
func both(t *testing.T, f func(t *testing.T, r sandbox.Runner)) {
	for name, disable := range map[string]bool{"InNamespaces": false, "InPlainProcesses": true} {
		t.Run(name, func(t *testing.T) { f(t, newRunner(t, sandbox.Options{Disable: disable})) })
	}
}

func TestRunReportsHowACommandEnded(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		for name, c := range map[string]struct {
			script       string
			code         int
			stdout, want string
		}{
			"WhenItSucceeds":     {"echo out; echo err >&2", 0, "out\n", "err\n"},
			"WhenItFails":        {"exit 7", 7, "", ""},
			"WhenItAborts":       {"kill -ABRT $$", 134, "", ""},
			"WhenItKillsItself":  {"kill -KILL $$", 137, "", ""},
			"WhenItSegfaults":    {"kill -SEGV $$", 139, "", ""},
			"WhenItReadsStdin":   {"cat; echo end", 0, "end\n", ""},
			"WhenItWantsSIGPIPE": {"(yes; echo $? >&2) | head -n1", 0, "y\n", "141\n"},
			"WhenItHasAChild":    {"sh -c 'exit 3'; echo $?", 0, "3\n", ""},
			"WhenItPrintsItsEnv": {"env | sort | grep -v -e ^PWD -e ^_ -e ^SHLVL", 0, "A=b c\nPATH=/usr/bin:/bin\n", ""},
		} {
			t.Run(name, func(t *testing.T) {
				a := newAction(t, r, "/bin/sh", "-c", c.script)
				a.Env = append(a.Env, "A=b c")
				res, err := r.Run(context.Background(), a.Spec)
				if err != nil || res.ExitCode != c.code || res.TimedOut {
					t.Fatal(res, err)
				}
				if a.read(t, "stdout") != c.stdout || a.read(t, "stderr") != c.want {
					t.Fatalf("printed %q and %q", a.read(t, "stdout"), a.read(t, "stderr"))
				}
				if res.Started.IsZero() || res.Ended.Before(res.Started) || time.Since(res.Started) > time.Minute {
					t.Fatal(res)
				}
			})
		}
	})
}

func TestRunMeasures(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		a := newAction(t, r, "/bin/sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")
		res, err := r.Run(context.Background(), a.Spec)
		if err != nil || res.Usage.User < 10*time.Millisecond || res.Usage.MaxRSS < 500<<10 || res.Usage.MaxRSS > 1<<30 {
			t.Fatal(res, err)
		}
	})
}

func TestRunSaysWhyACommandCantBeStarted(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		for name, c := range map[string]struct {
			args []string
			dir  string
			want string
			err  error
		}{
			"WhenItIsNotThere":             {[]string{"bin/foo"}, "", `argument 0 "bin/foo" can't be started: it can't be run: no such file`, syscall.ENOENT},
			"WhenItIsNotInThePath":         {[]string{"foo"}, "", `argument 0 "foo" can't be started: it can't be run: no such file`, syscall.ENOENT},
			"WhenItIsNotExecutable":        {[]string{"./data"}, "", "permission denied", syscall.EACCES},
			"WhenItIsADirectory":           {[]string{"/usr"}, "", "permission denied", syscall.EACCES},
			"WhenItsInterpreterIsNotThere": {[]string{"./script"}, "", "interpreter", syscall.ENOENT},
			"WhenItIsEmpty":                {[]string{""}, "", "no program is named", nil},
			"WhenThereAreNoArguments":      {nil, "", "no arguments", nil},
			"WhenAnArgumentHasANul":        {[]string{"true", "a\x00"}, "", "argument 1 has a NUL", nil},
			"WhenItsDirectoryIsNotThere":   {[]string{"true"}, "no/such", `working directory "no/such"`, syscall.ENOENT},
			"WhenItsDirectoryIsOutside":    {[]string{"true"}, "../x", "not a path below", nil},
		} {
			t.Run(name, func(t *testing.T) {
				a := newAction(t, r, c.args...)
				a.Dir = c.dir
				a.write(t, "data", "x", 0o644)
				a.write(t, "script", "#!/no/such/interpreter\n", 0o755)
				_, err := r.Run(context.Background(), a.Spec)
				var start *sandbox.StartError
				if !errors.As(err, &start) || !strings.Contains(err.Error(), c.want) || c.err != nil && !errors.Is(err, c.err) {
					t.Fatalf("got %v, want a StartError with %q", err, c.want)
				}
			})
		}
	})
}

func TestRunFindsPrograms(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		for name, c := range map[string]struct{ prog, path, dir string }{
			"InThePath":                    {"true", "/nowhere:/usr/bin", ""},
			"WithoutAPath":                 {"true", "", ""},
			"RelativeToTheDirectory":       {"./tool", "", "sub"},
			"BelowTheDirectory":            {"sub/tool", "", ""},
			"InARelativeFolderOfThePath":   {"tool", "/usr/bin:sub", ""},
			"WithNeitherABinaryNorAHeader": {"./bare", "", "sub"},
		} {
			t.Run(name, func(t *testing.T) {
				a := newAction(t, r, c.prog)
				a.Env, a.Dir = nil, c.dir
				if c.path != "" {
					a.Env = []string{"PATH=" + c.path}
				}
				a.write(t, "sub/tool", "#!/bin/sh\nexit 0\n", 0o755)
				a.write(t, "sub/bare", "exit 0\n", 0o755)
				if res, err := r.Run(context.Background(), a.Spec); err != nil || res.ExitCode != 0 {
					t.Fatal(res, err)
				}
			})
		}
	})
}

func TestRunInheritsNothing(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		want, err := exec.Command("/bin/sh", "-c", "ulimit -n").Output()
		if err != nil {
			t.Fatal(err)
		}
		// Something that is not closed on exec, as a badly behaved parent of the engine might leave.
		leak, err := syscall.Dup(int(os.Stdout.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(leak)
		r = newRunner(t, sandbox.Options{Disable: r.Kind() == "processes"})
		a := newAction(t, r, "/bin/bash", "-c", "ulimit -n; ulimit -c; umask; trap; ls /proc/self/fd")
		if res, err := r.Run(context.Background(), a.Spec); err != nil || res.ExitCode != 0 {
			t.Fatal(res, err)
		}
		if got := a.read(t, "stdout"); got != string(want)+"0\n0022\n0\n1\n2\n3\n" { // 3 is the folder that ls reads
			t.Fatalf("got %q", got)
		}
	})
}

func TestRunWithALargeCommand(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		args := []string{"/bin/sh", "-c", `echo $# ${#A}`, "sh"}
		for range 5000 {
			args = append(args, strings.Repeat("x", 100))
		}
		a := newAction(t, r, args...)
		a.Env = append(a.Env, "A="+strings.Repeat("y", 100_000))
		if _, err := r.Run(context.Background(), a.Spec); err != nil || a.read(t, "stdout") != "5000 100000\n" {
			t.Fatal(err, a.read(t, "stdout"))
		}
		a = newAction(t, r, append(args, strings.Repeat("z", 4<<20))...)
		var start *sandbox.StartError
		if _, err := r.Run(context.Background(), a.Spec); !errors.As(err, &start) || !errors.Is(err, syscall.E2BIG) {
			t.Fatal(err)
		}
	})
}

func TestRunAfterItsTimeout(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		a := newAction(t, r, "/bin/sh", "-c", "echo begun; (setsid sleep 1000 &) ; sleep 1000")
		a.Timeout = 300 * time.Millisecond
		begin := time.Now()
		res, err := r.Run(context.Background(), a.Spec)
		if err != nil || !res.TimedOut || res.ExitCode != 137 || time.Since(begin) > 5*time.Second || a.read(t, "stdout") != "begun\n" {
			t.Fatal(res, err, time.Since(begin))
		}
	})
}

// waitFor waits until the action has made a file.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
	t.Fatal("the action never made ", path)
}

func TestRunCancelled(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		a := newAction(t, r, "/bin/sh", "-c", "(trap '' TERM HUP INT; setsid sh -c 'exec 9>>held; flock 9; touch up; sleep 1000') & sleep 1000")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			_, err := r.Run(ctx, a.Spec)
			done <- err
		}()
		waitFor(t, filepath.Join(a.upper(), "up"))
		begin := time.Now()
		cancel()
		if err := <-done; err != context.Canceled || time.Since(begin) > time.Second {
			t.Fatal(err, time.Since(begin))
		}
		a.free(t, "held")
		if _, err := r.Run(ctx, a.Spec); err != context.Canceled {
			t.Fatal(err)
		}
	})
}

func TestRunLeavesNoDaemons(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		a := newAction(t, r, "/bin/sh", "-c", "for i in 1 2 3; do (setsid sh -c '(setsid sh -c \"exec 9>>held; flock -s 9; touch up'$i'; sleep 1000\" &) &' &); done; while ! [ -e up1 -a -e up2 -a -e up3 ]; do sleep 0.01; done; exit 5")
		res, err := r.Run(context.Background(), a.Spec)
		if err != nil || res.ExitCode != 5 {
			t.Fatal(res, err)
		}
		a.free(t, "held")
	})
}

func TestRunMany(t *testing.T) {
	both(t, func(t *testing.T, r sandbox.Runner) {
		errs := make(chan error)
		const n = 40
		for range n {
			a := newAction(t, r, "/bin/sh", "-c", "echo hello; exit 3")
			go func() {
				res, err := r.Run(context.Background(), a.Spec)
				if err == nil && res.ExitCode != 3 {
					err = errors.New("wrong exit code")
				}
				errs <- err
			}()
		}
		for range n {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}
