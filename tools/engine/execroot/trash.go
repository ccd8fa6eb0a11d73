package execroot

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// trash deletes folders in the background: to throw one away costs a rename.
type trash struct {
	dir  string
	log  *slog.Logger
	mu   sync.Mutex
	more *sync.Cond
	next int
	todo []string
	end  bool
	done chan struct{}
}

func newTrash(dir string, log *slog.Logger) (*trash, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the trash: %w", err)
	}
	old, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the trash: %w", err)
	}
	t := &trash{dir: dir, log: log, done: make(chan struct{})}
	t.more = sync.NewCond(&t.mu)
	for _, e := range old {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			t.next = max(t.next, n+1)
		}
		t.todo = append(t.todo, filepath.Join(dir, e.Name()))
	}
	go t.empty()
	return t, nil
}

// throw moves a file or folder into the trash. One that is not there is no error.
func (t *trash) throw(path string) error {
	t.mu.Lock()
	to := filepath.Join(t.dir, strconv.Itoa(t.next))
	t.next++
	t.mu.Unlock()
	err := os.Rename(path, to)
	if errors.Is(err, fs.ErrNotExist) {
		if _, statErr := os.Lstat(path); errors.Is(statErr, fs.ErrNotExist) {
			return nil
		}
		if err = os.MkdirAll(t.dir, 0o700); err == nil {
			err = os.Rename(path, to)
		}
	}
	if errors.Is(err, fs.ErrPermission) { // a folder can only be moved by who may write in it
		if st, statErr := os.Lstat(path); statErr == nil && st.IsDir() {
			os.Chmod(path, 0o700)
			err = os.Rename(path, to)
		}
	}
	if err != nil {
		return removeAll(path)
	}
	t.mu.Lock()
	t.todo = append(t.todo, to)
	t.mu.Unlock()
	t.more.Signal()
	return nil
}

func (t *trash) empty() {
	defer close(t.done)
	for {
		t.mu.Lock()
		for len(t.todo) == 0 && !t.end {
			t.more.Wait()
		}
		todo := t.todo
		t.todo = nil
		t.mu.Unlock()
		if len(todo) == 0 {
			return
		}
		for _, path := range todo {
			if err := removeAll(path); err != nil {
				t.log.Warn("can't delete an old exec root", "err", err)
			}
		}
	}
}

func (t *trash) close() {
	t.mu.Lock()
	t.end = true
	t.mu.Unlock()
	t.more.Signal()
	<-t.done
}

// removeAll is os.RemoveAll for trees in which an action may have taken away its owner's rights.
func removeAll(path string) error {
	err := os.RemoveAll(path)
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err == nil {
			os.Chmod(p, 0o700) // before the folder is read
		}
		return nil
	})
	return os.RemoveAll(path)
}
