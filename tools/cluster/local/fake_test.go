package local_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster/local"
	"github.com/bbf-build/bbf/tools/engine"
)

// fakeEngine holds the lock and answers on the control socket, as engines of other versions do.
type fakeEngine struct {
	status  engine.Status
	stopped atomic.Bool
	server  http.Server
	lock    *os.File
}

func startFake(t *testing.T, p local.Paths, s engine.Status) *fakeEngine {
	t.Helper()
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	f := &fakeEngine{status: s}
	var err error
	if f.lock, err = os.Create(p.Lock()); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.Engine(), nil, 0o600); err != nil { // only its being there is looked at
		t.Fatal(err)
	}
	l, err := net.Listen("unix", p.Control())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(f.status); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /workspaces", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the disk is full", http.StatusInternalServerError)
	})
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "{}")
		f.stopped.Store(true)
		f.lock.Close()
	})
	f.server.Handler = mux
	go f.server.Serve(l)
	t.Cleanup(func() { f.server.Close(); f.lock.Close() })
	return f
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
