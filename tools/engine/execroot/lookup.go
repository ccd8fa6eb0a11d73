package execroot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// found is what an exec root has at a path after the action: what the action wrote, over the inputs. The zero value is nothing.
type found struct {
	host  string      // where it lies in the upper folder; "" when the action did not write it
	info  os.FileInfo // of host
	input entry       // what the input tree has there and the action left; for a folder, what shines through
}

func (f found) exists() bool { return f.host != "" || f.input != entry{} }

func (f found) isDir() bool {
	return f.host != "" && f.info.IsDir() || f.host == "" && f.input.dir != nil
}

// top is the exec root itself.
func (r *Root) top() (found, error) {
	info, err := os.Lstat(r.upper)
	if err != nil {
		return found{}, r.vanished(err)
	}
	f := found{host: r.upper, info: info}
	if r.builder.overlay {
		f.input.dir = r.tree
	}
	return f, nil
}

// vanished explains that an exec root was deleted under the action's feet.
func (r *Root) vanished(err error) error {
	return fmt.Errorf("collecting the outputs: the exec root was changed from outside: %w", err)
}

// child goes one step down from a folder. Nothing is ever looked at through a symlink: the action may have put one anywhere.
func (r *Root) child(f found, name string) (found, error) {
	var c found
	if f.input.dir != nil {
		c.input = f.input.dir.find(name)
	}
	if f.host == "" {
		return c, nil
	}
	host := f.host + "/" + name
	info, err := os.Lstat(host)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG) {
		return c, nil
	}
	if errors.Is(err, fs.ErrPermission) { // the action took away its own rights
		os.Chmod(f.host, 0o700)
		info, err = os.Lstat(host)
	}
	if err != nil {
		return found{}, fmt.Errorf("collecting the outputs: %w", err)
	}
	if isWhiteout(info) {
		return found{}, nil
	}
	c.host, c.info = host, info
	if !info.IsDir() || c.input.dir == nil || isOpaque(host) {
		c.input = entry{}
	}
	return c, nil
}

// find goes down a whole path.
func (r *Root) find(path string) (found, error) {
	f, err := r.top()
	if err != nil || path == "" {
		return f, err
	}
	for name := range strings.SplitSeq(path, "/") {
		if !f.isDir() {
			return found{}, nil
		}
		if f, err = r.child(f, name); err != nil {
			return found{}, err
		}
	}
	return f, nil
}

// names are the names in a folder, in no order, those of deleted inputs included.
func (f found) names() ([]string, error) {
	var names []string
	if f.host != "" {
		entries, err := os.ReadDir(f.host)
		if errors.Is(err, fs.ErrPermission) {
			os.Chmod(f.host, 0o700)
			entries, err = os.ReadDir(f.host)
		}
		if err != nil {
			return nil, fmt.Errorf("collecting the outputs: %w", err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	if d := f.input.dir; d != nil {
		have := make(map[string]bool, len(names))
		for _, n := range names {
			have[n] = true
		}
		add := func(n string) {
			if !have[n] {
				names = append(names, n)
			}
		}
		for i := range d.files {
			add(d.files[i].name)
		}
		for i := range d.dirs {
			add(d.dirs[i].name)
		}
		for i := range d.links {
			add(d.links[i].name)
		}
	}
	return names, nil
}
