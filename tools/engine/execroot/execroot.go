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
	"strconv"
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
	last    atomic.Int64 // number of the youngest exec root
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
	b.trash.close()
	return nil
}

// newRoot makes the folders of one exec root.
func (b *Builder) newRoot() (*Root, error) {
	r := &Root{builder: b, dir: filepath.Join(b.dir, "run", strconv.FormatInt(b.last.Add(1), 10))}
	r.tmp, r.upper = filepath.Join(r.dir, "tmp"), filepath.Join(r.dir, "upper")
	folders := []string{r.dir, r.tmp, r.upper}
	if b.overlay {
		r.lower, r.work = filepath.Join(r.dir, "lower"), filepath.Join(r.dir, "work")
		folders = append(folders, r.lower, r.work)
	}
	for _, f := range folders {
		err := os.Mkdir(f, 0o755)
		if os.IsNotExist(err) { // somebody deleted the folder of all exec roots
			if err = os.MkdirAll(filepath.Dir(f), 0o700); err == nil {
				err = os.Mkdir(f, 0o755)
			}
		}
		if err != nil {
			r.Remove()
			return nil, b.store.DiskError("make an exec root", err)
		}
	}
	return r, os.Chmod(r.tmp, 0o1777)
}
