package execroot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// slot is the folders of an exec root. To make and delete folders is slow on some disks (half a millisecond for one, on a disk
// that discards freed blocks at once), and most actions need the ones that an action before needed: so slots are used again, with the folders
// in them that are the same.
type slot struct {
	dir, tmp    string
	lower, work string              // "" without overlays
	upper       string              // without overlays: the exec root itself
	inLower     map[string]struct{} // folders in lower, by their path there
	inUpper     map[string]struct{}
}

// maxFree is how many slots wait for another action, and maxFolders how many folders one of them may have. One more is made, though
// others are free, when those there are were taken so often on average: a mount makes and deletes some files in the slot, and ext4
// without a journal is slow in making files where many were deleted in the last seconds (cas.Spread says more).
const (
	maxFree    = 16
	maxFolders = 512
	taken      = 32
)

// pool is the free slots.
type pool struct {
	mu    sync.Mutex
	free  []*slot
	taken int // how often a slot was asked for
	made  int // how many were made, to have enough
}

// take returns the free slot that needs the fewest changes to have these folders, or nil.
func (p *pool) take(lower, upper map[string]struct{}) *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken++; p.made < maxFree && p.taken > p.made*taken {
		p.made++
		return nil
	}
	best, least := -1, 0
	for i, s := range p.free {
		cost := difference(s.inLower, lower) + difference(s.inUpper, upper)
		if best < 0 || cost < least { // the one of the best that waits longest
			best, least = i, cost
		}
	}
	if best < 0 {
		return nil
	}
	s := p.free[best]
	p.free = slices.Delete(p.free, best, best+1)
	return s
}

func difference(a, b map[string]struct{}) int {
	both := 0
	for k := range a {
		if _, ok := b[k]; ok {
			both++
		}
	}
	return len(a) + len(b) - 2*both
}

// put says whether there was room for another one.
func (p *pool) put(s *slot) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) >= maxFree || len(s.inLower)+len(s.inUpper) > maxFolders {
		return false
	}
	p.free = append(p.free, s)
	return true
}

// newSlot makes a slot with no folders in it.
func (b *Builder) newSlot() (*slot, error) {
	s := &slot{dir: filepath.Join(b.dir, "run", strconv.FormatInt(b.last.Add(1), 10)), inLower: map[string]struct{}{}, inUpper: map[string]struct{}{}}
	s.tmp, s.upper = filepath.Join(s.dir, "tmp"), filepath.Join(s.dir, "upper")
	folders := []string{s.dir, s.tmp, s.upper}
	if b.overlay {
		s.lower, s.work = filepath.Join(s.dir, "lower"), filepath.Join(s.dir, "work")
		folders = append(folders, s.lower, s.work)
	}
	for _, f := range folders {
		err := os.Mkdir(f, 0o755)
		if errors.Is(err, fs.ErrNotExist) { // somebody deleted the folder of all exec roots
			if err = os.MkdirAll(filepath.Dir(f), 0o700); err == nil {
				err = os.Mkdir(f, 0o755)
			}
		}
		if err == nil && f == s.tmp {
			err = os.Chmod(f, 0o1777)
		}
		if err != nil {
			b.throw(s)
			return nil, b.store.DiskError("make an exec root", err)
		}
	}
	return s, nil
}

// throw deletes a slot.
func (b *Builder) throw(s *slot) {
	if err := b.trash.throw(s.dir); err != nil {
		b.log.Warn("can't delete an exec root", "err", err)
	}
}

// slotWith returns a slot that has these folders, made or left from an action before, and no others.
func (b *Builder) slotWith(lower, upper map[string]struct{}) (*slot, error) {
	for b.overlay {
		s := b.pool.take(lower, upper)
		if s == nil {
			break
		}
		if s.unharmed() && s.adjust(b.trash, s.lower, s.inLower, lower) == nil && s.adjust(b.trash, s.upper, s.inUpper, upper) == nil {
			return s, nil
		}
		b.throw(s)
	}
	s, err := b.newSlot()
	if err != nil {
		return nil, err
	}
	err = s.adjust(b.trash, s.lower, s.inLower, lower)
	if err == nil {
		err = s.adjust(b.trash, s.upper, s.inUpper, upper)
	}
	if err != nil {
		b.throw(s)
		return nil, b.store.DiskError("make an exec root", err)
	}
	return s, nil
}

// unharmed looks whether everything is still there: it may have been deleted from outside.
func (s *slot) unharmed() bool {
	for _, dir := range []string{s.tmp, s.work} {
		if _, err := os.Lstat(dir); err != nil {
			return false
		}
	}
	for host, have := range map[string]map[string]struct{}{s.lower: s.inLower, s.upper: s.inUpper} {
		if _, err := os.Lstat(host); err != nil {
			return false
		}
		for dir := range have {
			if st, err := os.Lstat(host + "/" + dir); err != nil || !st.IsDir() {
				return false
			}
		}
	}
	return true
}

// adjust turns the folders that there are into those that are wanted. A folder sorts before those in it.
func (s *slot) adjust(t *trash, host string, have, want map[string]struct{}) error {
	for _, dir := range sorted(have) {
		if _, ok := want[dir]; ok {
			continue
		}
		delete(have, dir)
		if _, gone := have[dirOf(dir)]; gone || dirOf(dir) == "" {
			if err := t.throw(host + "/" + dir); err != nil {
				return err
			}
		}
	}
	for _, dir := range sorted(want) {
		if _, ok := have[dir]; ok {
			continue
		}
		if err := os.Mkdir(host+"/"+dir, 0o755); err != nil {
			return err
		}
		have[dir] = struct{}{}
	}
	return nil
}

// sorted puts every folder before those in it.
func sorted(set map[string]struct{}) []string {
	list := make([]string, 0, len(set))
	for k := range set {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(a, b) })
	return list
}
