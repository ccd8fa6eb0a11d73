package local_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster"
)

// The agent's folder is in the cache too, and isn't the engine's to delete.
func TestPurgeLeavesTheAgentAlone(t *testing.T) {
	b, p := backend(t)
	if err := p.Prepare(); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"agent", "cas"} {
		if err := os.MkdirAll(filepath.Join(p.Cache, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Down(context.Background(), cluster.DownRequest{Purge: true, Progress: quiet}); err != nil {
		t.Fatal(err)
	}
	for folder, stays := range map[string]bool{"agent": true, "cas": false} {
		if _, err := os.Stat(filepath.Join(p.Cache, folder)); (err == nil) != stays {
			t.Errorf("%s: %v", folder, err)
		}
	}
}
