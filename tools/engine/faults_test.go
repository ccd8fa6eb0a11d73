package engine_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/bbf-build/bbf/tools/engine"
)

// TestMain lets this test binary be an engine of its own, so that it can be killed.
func TestMain(m *testing.M) {
	if cache := os.Getenv("BBF_TEST_ENGINE"); cache != "" {
		e, err := engine.New(engine.Config{Cache: cache, MaxBytes: 1 << 30, Slots: 4})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		l, err := net.Listen("unix", os.Getenv("BBF_TEST_SOCKET"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, e.Serve(l))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// process starts an engine in a process of its own.
func process(t *testing.T, cache string) (*client, *exec.Cmd) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "BBF_TEST_ENGINE="+cache, "BBF_TEST_SOCKET="+socket)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	eventually(t, "the engine listens", func() bool { return exists(socket) })
	return dial(t, socket), c
}

func TestKill(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	k, engineProcess := process(t, cache)
	mark := "bbf-orphan-" + filepath.Base(filepath.Dir(cache)) + fmt.Sprint(os.Getpid())

	actions := make([]*action, 40)
	for i := range actions {
		actions[i] = shell(fmt.Sprintf("cat in > out; echo %d >> out; sleep 0.01", i), "out").with(files{"in": fmt.Sprint("input ", i, "\n")})
	}
	long := k.upload(shell("cp /bin/sleep " + mark + "; ./" + mark + " 1000").with(files{}))
	go k.execute(t.Context(), long, false) // fails with the engine
	eventually(t, "the long action runs", func() bool { return len(processes(mark)) > 0 })

	var mu sync.Mutex
	done := map[int]bool{}
	var all sync.WaitGroup
	for i, a := range actions {
		d := k.upload(a)
		all.Go(func() {
			if r, err := k.execute(t.Context(), d, false); err == nil && r.GetStatus().GetCode() == 0 {
				mu.Lock()
				done[i] = true
				mu.Unlock()
			}
		})
	}
	eventually(t, "some are done", func() bool { mu.Lock(); defer mu.Unlock(); return len(done) >= 5 })
	if err := engineProcess.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	engineProcess.Wait()
	eventually(t, "its actions' processes are gone too", func() bool { return len(processes(mark)) == 0 })

	k, _ = process(t, cache)
	for i, a := range actions {
		r := k.run(a)
		if done[i] && !r.GetCachedResult() {
			t.Errorf("action %d was reported done, and is lost", i)
		}
		if got, want := k.output(r, "out"), fmt.Sprintf("input %d\n%d\n", i, i); got != want {
			t.Errorf("action %d: %q, want %q", i, got, want)
		}
	}
	t.Logf("%d of %d were done when the engine was killed", len(done), len(actions))
}

// processes are the command lines that hold a mark.
func processes(mark string) (found []string) {
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range names {
		if line, _ := os.ReadFile(name); strings.Contains(string(line), mark+"\x00") {
			found = append(found, name)
		}
	}
	return found
}

func TestDeletedFiles(t *testing.T) {
	tree := files{"shared/x": "x"}
	for i := range 200 {
		tree[fmt.Sprintf("shared/d%d/f%d", i%10, i)] = fmt.Sprint("content ", i)
	}
	// Whatever file of the cache goes away, an action has the right result, after the client has uploaded what the
	// engine says is missing.
	for _, sub := range []string{"cas", "ac", "exec", "plain", "tmp"} {
		t.Run("WhenThoseBelow_"+sub+"_Go", func(t *testing.T) {
			k := start(t, nil)
			for round := range 4 {
				tree["own"] = fmt.Sprint("round ", round)
				a := shell("cat own shared/x shared/d*/f* | wc -c; ls shared/d* | wc -l").with(tree)
				r := k.run(a)
				if out := strings.Fields(string(r.GetResult().GetStdoutRaw())); len(out) != 2 || out[0] != "2098" || out[1] != "219" {
					t.Fatalf("round %d: %v", round, r)
				}
				removeFiles(t, filepath.Join(k.cache, sub))
				// The same action again: either from the cache, whole, or executed again after a new upload.
				if _, err := k.execute(t.Context(), k.upload(a), false); err != nil {
					t.Fatal(err)
				}
				a.InputRootDigest, a.CommandDigest = nil, nil
				if r := k.run(a); k.logOf(r) != "2098\n219\n" {
					t.Fatalf("round %d, after files of %s went: %v", round, sub, r)
				}
			}
		})
	}
}

func TestFilesDeletedUnderAnAction(t *testing.T) {
	k := start(t, nil)
	needNamespaces(t, k)
	a := k.upload(shell("sleep 0.5; cat in/f").with(files{"in/f": "the input"}))
	done := make(chan *repb.ExecuteResponse)
	go func() {
		r, err := k.execute(t.Context(), a, false)
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	var found []string
	eventually(t, "the input is laid out", func() bool {
		found, _ = filepath.Glob(filepath.Join(k.cache, "exec/run/*/lower/in/f"))
		return len(found) == 1 && len(k.engine.Status().Running) == 1
	})
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.GetResult().GetExitCode() != 0 || k.logOf(r) != "the input" {
		t.Fatal(r)
	}
}

func (k *client) logOf(r *repb.ExecuteResponse) string {
	if raw := r.GetResult().GetStdoutRaw(); len(raw) > 0 {
		return string(raw)
	}
	return k.get(r.GetResult().GetStdoutDigest())
}

// removeFiles deletes every file below a folder, and leaves the folders.
func removeFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && d.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSecondEngine(t *testing.T) {
	k := start(t, nil)
	_, err := engine.New(engine.Config{Cache: k.cache})
	var locked *engine.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Fatal(err)
	}
}
