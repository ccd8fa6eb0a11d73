package sandbox_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bbf-build/bbf/tools/engine/sandbox"
)

const endless = "(setsid sh -c 'exec 9>>held; flock 9; touch up; sleep 1000' &) ; sleep 1000"

// TestEngineToBeKilled is the process that TestAnEngineIsKilled starts.
func TestEngineToBeKilled(t *testing.T) {
	dir := os.Getenv("BBF_TEST_ENGINE")
	if dir == "" {
		t.Skip("it is only for another test")
	}
	r, _ := sandbox.New(sandbox.Options{Scratch: filepath.Join(dir, "scratch"), Disable: os.Getenv("BBF_TEST_PLAIN") != ""})
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Run(context.Background(), sandbox.Spec{
		Args: []string{"/bin/sh", "-c", endless}, Env: []string{"PATH=/usr/bin:/bin"}, Root: []sandbox.Layer{{Upper: filepath.Join(dir, "upper")}}, Stdout: null, Stderr: null, Network: true,
	})
	t.Fatal("the action ended: ", err)
}

func TestAnEngineIsKilled(t *testing.T) {
	for name, plain := range map[string]string{"InNamespaces": "", "InPlainProcesses": "yes"} {
		t.Run(name, func(t *testing.T) {
			if plain == "" {
				newRunner(t, sandbox.Options{}) // skips where there are no namespaces
			}
			a := &action{dir: t.TempDir()}
			if err := os.Mkdir(a.upper(), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("/proc/self/exe", "-test.run", "^TestEngineToBeKilled$")
			cmd.Env = append(os.Environ(), "BBF_TEST_ENGINE="+a.dir, "BBF_TEST_PLAIN="+plain)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, filepath.Join(a.upper(), "up"))
			cmd.Process.Kill()
			cmd.Wait()
			a.freeWithin(t, "held", 5*time.Second)
		})
	}
}

// freeWithin waits until no process holds the lock any more.
func (a *action) freeWithin(t *testing.T, name string, limit time.Duration) {
	t.Helper()
	f, err := os.Open(filepath.Join(a.upper(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for end := time.Now().Add(limit); syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a process of the action is still alive")
		}
	}
}

func TestTheStageIsKilled(t *testing.T) {
	r := newRunner(t, sandbox.Options{})
	a := newAction(t, r, "/bin/sh", "-c", endless)
	done := make(chan error)
	go func() {
		_, err := r.Run(context.Background(), a.Spec)
		done <- err
	}()
	waitFor(t, filepath.Join(a.upper(), "up"))
	killed := 0
	for _, pid := range children(t) {
		if b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.HasPrefix(string(b), "bbf-sandbox") {
			syscall.Kill(pid, syscall.SIGKILL)
			killed++
		}
	}
	if killed != 1 {
		t.Fatalf("%d stages", killed)
	}
	if err := <-done; err == nil || !strings.Contains(err.Error(), "killed from outside") {
		t.Fatal(err)
	}
	a.freeWithin(t, "held", 5*time.Second)
	if got := sh(t, r, "echo again"); got != "again\n" {
		t.Fatal(got)
	}
}

func children(t *testing.T) (pids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(files) == 0 {
		t.Skip("this kernel does not say who its children are")
	}
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for _, s := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(s); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}
