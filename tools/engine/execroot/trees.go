package execroot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// maxTreeLinks bounds the hard links in all cached trees together.
const maxTreeLinks = 1_000_000

// trees are input folders that are linked once and then shared by all actions that have them at the same path. A tree's folder has
// that path inside: it is a lower folder of exec roots as it is.
type trees struct {
	builder *Builder
	dir     string

	mu    sync.Mutex
	seen  seenSet
	known map[treeID]*cachedTree
	links int64
	last  int // number of the youngest tree's folder
}

type treeID [sha256.Size]byte

func treeKey(d digest.Digest, path string) treeID {
	return sha256.Sum256([]byte(d.String() + "\x00" + path))
}

// cachedTree is one cached tree.
type cachedTree struct {
	id      treeID
	dir     string          // its folder
	folders []folderTime    // all folders in it
	pinned  []digest.Digest // its blobs
	links   int64

	ready chan struct{} // closed when it is made, or err is set
	err   error

	// Under trees.mu:
	users int   // exec roots that have it; it is not deleted before they are gone
	used  int64 // on the store's clock
	gone  bool  // nobody new may use it
}

// folderTime is how a tree notices that somebody deleted a file in it: the folder's time changes.
type folderTime struct {
	path  string
	mtime time.Time
}

func newTrees(b *Builder, dir string) *trees {
	return &trees{builder: b, dir: dir, known: map[treeID]*cachedTree{}, seen: seenSet{size: 32 << 10}}
}

// ready returns the tree of a place if it is there, and unharmed; else nil. It is in use until release.
func (t *trees) ready(p place) *cachedTree {
	id := treeKey(p.dir.digest, p.path)
	t.mu.Lock()
	c := t.known[id]
	if c == nil {
		t.mu.Unlock()
		return nil
	}
	c.users++
	c.used = t.builder.store.Now()
	t.mu.Unlock()
	<-c.ready
	if c.err != nil || !c.intact() {
		t.discard(c)
		t.release(c)
		return nil
	}
	return c
}

// intact looks whether all folders are as they were made.
func (c *cachedTree) intact() bool {
	for i := range c.folders {
		st, err := os.Lstat(c.folders[i].path)
		if err != nil || !st.ModTime().Equal(c.folders[i].mtime) {
			return false
		}
	}
	return true
}

// get returns the tree of a place, and makes it where it is not there. It is in use until release.
func (t *trees) get(ctx context.Context, p place) (*cachedTree, error) {
	id := treeKey(p.dir.digest, p.path)
	t.mu.Lock()
	c := t.known[id]
	if c != nil {
		c.users++
		t.mu.Unlock()
		select {
		case <-c.ready:
		case <-ctx.Done():
			t.release(c)
			return nil, ctx.Err()
		}
		if c.err != nil {
			t.release(c)
			return nil, c.err
		}
		return c, nil
	}
	t.last++
	c = &cachedTree{id: id, dir: filepath.Join(t.dir, hex.EncodeToString(id[:8])+"-"+strconv.Itoa(t.last)), ready: make(chan struct{}), users: 1, used: t.builder.store.Now()}
	t.known[id] = c
	t.mu.Unlock()
	c.err = t.build(c, p)
	if c.err != nil {
		c.links = 0
		t.discard(c)
	} else {
		t.mu.Lock()
		t.links += c.links
		t.mu.Unlock()
	}
	close(c.ready)
	if c.err != nil {
		t.release(c)
		return nil, c.err
	}
	t.shrink()
	return c, nil
}

// build makes a tree's folder.
func (t *trees) build(c *cachedTree, p place) error {
	blobs := map[digest.Digest]bool{}
	p.dir.blobs(blobs, "", nil)
	list := slices.Collect(maps.Keys(blobs))
	if err := t.builder.store.Pin(list); err != nil {
		return err
	}
	c.pinned = list
	top := c.dir
	if p.path != "" {
		top += "/" + p.path
	}
	if err := os.MkdirAll(top, 0o755); err != nil {
		return t.builder.store.DiskError("make a cached input tree", err)
	}
	note := func(host string) error {
		st, err := os.Lstat(host)
		if err != nil {
			return err
		}
		c.folders = append(c.folders, folderTime{host, st.ModTime()})
		return nil
	}
	l := linker{store: t.builder.store, folder: note, file: func(string, *file) error { c.links++; return nil }}
	if err := l.link(p.dir, top, p.path); err != nil {
		return err
	}
	for up := p.path; up != ""; {
		up = up[:max(strings.LastIndexByte(up, '/'), 0)]
		if err := note(strings.TrimSuffix(c.dir+"/"+up, "/")); err != nil {
			return err
		}
	}
	return nil
}

// discard sees to it that nobody new uses a tree.
func (t *trees) discard(c *cachedTree) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.gone {
		return
	}
	c.gone = true
	if t.known[c.id] == c {
		delete(t.known, c.id)
	}
}

// release ends one use. A discarded tree is deleted after its last one.
func (t *trees) release(c *cachedTree) {
	t.mu.Lock()
	c.users--
	last := c.users == 0 && c.gone
	if last {
		t.links -= c.links
	}
	t.mu.Unlock()
	if last {
		t.delete(c)
	}
}

func (t *trees) delete(c *cachedTree) {
	if err := t.builder.trash.throw(c.dir); err != nil {
		t.builder.log.Warn("can't delete a cached input tree", "err", err)
	}
	t.builder.store.Unpin(c.pinned)
}

// oldest is the least recently used tree that no exec root has. The lock is held.
func (t *trees) oldest() *cachedTree {
	var o *cachedTree
	for _, c := range t.known {
		if c.users == 0 && (o == nil || c.used < o.used) {
			o = c
		}
	}
	return o
}

// Oldest implements cas.Reclaimer.
func (t *trees) Oldest() (used int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o := t.oldest(); o != nil {
		return o.used, true
	}
	return 0, false
}

// ReclaimOldest implements cas.Reclaimer.
func (t *trees) ReclaimOldest() {
	t.mu.Lock()
	o := t.oldest()
	if o != nil {
		o.users++
	}
	t.mu.Unlock()
	if o != nil {
		t.discard(o)
		t.release(o)
	}
}

// shrink keeps the number of links in bounds.
func (t *trees) shrink() {
	for {
		t.mu.Lock()
		over := t.links > maxTreeLinks && t.oldest() != nil
		t.mu.Unlock()
		if !over {
			return
		}
		t.ReclaimOldest()
	}
}
