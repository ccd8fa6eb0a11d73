// Package execroot makes the folder tree that an action runs in, out of the store, and collects what the action wrote.
//
// Where the sandbox can mount overlays, an exec root is one overlay. Its lower folders are a private one, with hard links to
// the action's own inputs, and cached trees: an input folder of some size that was seen before is linked once, kept, and from
// then on costs a name in the mount's options however many files are in it. Its upper folder has, after the action, exactly
// what the action wrote, and nothing the action does reaches the store.
//
// Where there are no overlays, the exec root is a plain folder of hard links, and the inputs are checked after the action.
package execroot

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/bbf-build/bbf/tools/engine/cas"
)

// Options say where exec roots are made and of what.
type Options struct {
	Store   *cas.Store
	Dir     string       // on the store's file system; what an earlier process left there is deleted
	Overlay bool         // sandbox.Facts.Overlay
	Log     *slog.Logger // nil: slog.Default()
}

// Builder makes exec roots; many at once.
type Builder struct {
	store   *cas.Store
	dir     string
	overlay bool
	log     *slog.Logger
	loader  *loader
	trees   *trees // nil without overlays
	trash   *trash
	pool    pool
	busy    sync.WaitGroup // recycling
	last    atomic.Int64   // number of the youngest slot
}

// New makes a Builder.
func New(o Options) (*Builder, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	dir, err := filepath.Abs(o.Dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("making the folder of exec roots: %w", err)
	}
	t, err := newTrash(filepath.Join(dir, "trash"), o.Log)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"run", "trees"} {
		path := filepath.Join(dir, name)
		if err := t.throw(path); err != nil {
			return nil, fmt.Errorf("clearing %s: %w", path, err)
		}
		if err := os.Mkdir(path, 0o700); err != nil {
			return nil, err
		}
		cas.Spread(path)
	}
	b := &Builder{
		store: o.Store, dir: dir, overlay: o.Overlay, log: o.Log, trash: t,
		loader: newLoader(o.Store, maxPath-len(dir)-len("/trees//")-64),
	}
	if o.Overlay {
		b.trees = newTrees(b, filepath.Join(dir, "trees"))
		o.Store.AddReclaimer(b.trees)
	}
	return b, nil
}

// Close waits for deletions in the background.
func (b *Builder) Close() error {
	b.busy.Wait()
	b.trash.close()
	return nil
}
