package local_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/local"
	"github.com/bbf-build/bbf/tools/engine"
	"github.com/bbf-build/bbf/tools/version"
)

// TestMain lets the test's own program be the daemon, which the backend starts as `bbf engine`.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != "engine" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	p, err := local.FindPaths(os.Getenv)
	if err == nil && os.Getenv("BBF_TEST_BROKEN") != "" {
		err = fmt.Errorf("the moon is full")
	}
	if err == nil {
		err = local.RunEngine(ctx, p, local.EngineOptions{Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func backend(t *testing.T) (*local.Backend, local.Paths) {
	t.Helper()
	p := newPaths(t)
	t.Setenv("BBF_CACHE", p.Cache)
	b, err := local.New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := b.Down(context.Background(), cluster.DownRequest{Progress: quiet}); err != nil {
			t.Error(err)
		}
	})
	return b, p
}

func quiet(string) {}

func TestUp(t *testing.T) {
	ctx := context.Background()

	t.Run("WhenAnOlderEngineIsIdle", func(t *testing.T) {
		b, p := backend(t)
		old := startFake(t, p, engine.Status{Version: "0.0.1", PID: 1})
		res, err := b.Up(ctx, cluster.UpRequest{Workspace: root(t), Progress: quiet})
		if err != nil {
			t.Fatal(err)
		}
		if !old.stopped.Load() || !res.Started || res.Status.Version != version.Version || res.Probe <= 0 {
			t.Fatalf("stopped: %v, %+v", old.stopped.Load(), res)
		}
	})

	t.Run("WhenAnOlderEngineIsBusy", func(t *testing.T) {
		b, p := backend(t)
		old := startFake(t, p, engine.Status{Version: "0.0.1", PID: 1, Queued: 1})
		res, err := b.Up(ctx, cluster.UpRequest{Workspace: root(t), Progress: quiet})
		// The fake registers no workspace: what went wrong is said, and the engine that isn't ours is left alone.
		if err == nil || !strings.Contains(err.Error(), "the disk is full") || old.stopped.Load() || res.Started {
			t.Fatal(res, err)
		}
		if len(res.Notes) != 1 || !strings.Contains(res.Notes[0], "older than this bbf") {
			t.Fatal(res.Notes)
		}
	})

	t.Run("WhenANewerEngineRuns", func(t *testing.T) {
		b, p := backend(t)
		newer := startFake(t, p, engine.Status{Version: "99.0.0", PID: 1})
		res, _ := b.Up(ctx, cluster.UpRequest{Progress: quiet, Workspace: root(t)}) // it fails as above
		if newer.stopped.Load() || len(res.Notes) != 1 || !strings.Contains(res.Notes[0], "newer than this bbf") {
			t.Fatal(res.Notes)
		}
	})

	t.Run("WhenTheEngineDies", func(t *testing.T) {
		b, p := backend(t)
		t.Setenv("BBF_TEST_BROKEN", "1")
		_, err := b.Up(ctx, cluster.UpRequest{Progress: quiet})
		if err == nil || !strings.Contains(err.Error(), "the moon is full") || !strings.Contains(err.Error(), p.Log()) || cluster.Next(err) == "" {
			t.Fatal(err)
		}
	})

	t.Run("WhenTheWorkspaceCantBeWritten", func(t *testing.T) {
		b, _ := backend(t)
		_, err := b.Up(ctx, cluster.UpRequest{Progress: quiet, Commit: func(cluster.UpResult) error { return os.ErrPermission }})
		if err == nil {
			t.Fatal("it was")
		}
		if s, err := b.Status(ctx); err != nil || s.State != cluster.StateDown || s.Problem != "" {
			t.Fatalf("something was left behind: %+v, %v", s, err)
		}
	})

	t.Run("WhenItIsInterruptedAnywhere", func(t *testing.T) {
		b, _ := backend(t)
		for _, at := range []string{"starting the engine", "executing a probe action"} {
			ctx, cancel := context.WithCancel(ctx)
			_, err := b.Up(ctx, cluster.UpRequest{Workspace: root(t), Commit: func(cluster.UpResult) error { t.Error("committed"); return nil }, Progress: func(m string) {
				if m == at {
					cancel()
				}
			}})
			cancel()
			if err == nil {
				t.Fatalf("nothing happened at %q", at)
			}
			if s, err := b.Status(context.Background()); err != nil || s.State != cluster.StateDown || s.Problem != "" {
				t.Fatalf("after an interrupt at %q: %+v, %v", at, s, err)
			}
		}
	})
}

func TestControl(t *testing.T) {
	b, p := backend(t)
	if _, err := b.Up(context.Background(), cluster.UpRequest{Progress: quiet}); err != nil {
		t.Fatal(err)
	}
	c := local.NewControl(p.Control())
	for _, path := range []string{"", "relative", "/", "/a/../b", "/a/"} {
		if err := c.Register(context.Background(), path); err == nil || !strings.Contains(err.Error(), "path:") {
			t.Errorf("registering %q: %v", path, err)
		}
	}
	ws := filepath.Join(p.Cache, "ws")
	for range 2 {
		if err := c.Register(context.Background(), ws); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(p.Run(), "workspaces.json"))
	if err != nil || strings.Count(string(data), ws) != 1 {
		t.Fatalf("%s, %v", data, err)
	}
	if _, err := local.NewControl(p.Control() + "x").Status(context.Background()); !local.Gone(err) {
		t.Fatal(err)
	}
}

func TestCheckListen(t *testing.T) {
	for addr, good := range map[string]bool{
		"127.0.0.1:0": true, "127.1.2.3:80": true, "[::1]:80": true,
		"0.0.0.0:80": false, ":80": false, "localhost:80": false, "10.0.0.1:80": false, "127.0.0.1": false, "": false,
	} {
		if err := local.CheckListen(addr); (err == nil) != good {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

func TestEngineIsStoppedBySignal(t *testing.T) {
	b, p := backend(t)
	res, err := b.Up(context.Background(), cluster.UpRequest{Progress: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(res.Status.PID, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := b.Down(ctx, cluster.DownRequest{Progress: quiet}); err != nil { // returns when nobody holds the lock
		t.Fatal(err)
	}
	log, err := os.ReadFile(p.Log())
	if err != nil || !strings.Contains(string(log), "the engine has ended") {
		t.Fatalf("it didn't end in order: %s, %v", log, err)
	}
}
