package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/bbf-build/bbf/tools/workspace"
)

// registry is the list of the workspaces that build with the engine. It outlives the engine, in a file: actions must
// not see these workspaces, and `down` has to tell each of them.
type registry struct {
	file   string
	always []string // hidden too, but no workspaces

	mu     sync.Mutex
	roots  []string // never changed in place, so that a copy of the slice may be read without the lock
	hidden []string // roots and always, likewise
}

// openRegistry reads the list, without the workspaces that are gone. A broken file is an empty list.
func openRegistry(file string, always ...string) *registry {
	r := &registry{file: file, always: always}
	r.set(slices.DeleteFunc(readWorkspaces(file), func(root string) bool {
		_, err := os.Stat(root)
		return errors.Is(err, fs.ErrNotExist)
	}))
	return r
}

type workspacesFile struct {
	Workspaces []string `json:"workspaces"`
}

func readWorkspaces(file string) []string {
	var f workspacesFile
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &f) != nil {
		return nil
	}
	return f.Workspaces
}

func (r *registry) set(roots []string) {
	r.roots = roots
	r.hidden = slices.Concat(roots, r.always)
}

// add hides one more workspace, before it returns, and writes the list down.
func (r *registry) add(root string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.roots, root) {
		return nil
	}
	roots := append(slices.Clone(r.roots), root)
	data, err := json.MarshalIndent(workspacesFile{roots}, "", "  ")
	if err != nil {
		return err
	}
	if _, err := workspace.WriteFile(r.file, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("registering the workspace: %w", err)
	}
	r.set(roots)
	return nil
}

// Hidden are all paths that no action may see. The caller must not change the slice.
func (r *registry) Hidden() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hidden
}
