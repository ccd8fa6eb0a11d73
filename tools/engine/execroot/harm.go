package execroot

import "os"

// Harmed tells whether an input is no longer where Build put it: somebody has deleted files of the cache while the action ran. What the
// action then did says nothing about the action. It looks at every input, so it is for actions that failed.
func (r *Root) Harmed() bool {
	if !r.builder.overlay {
		return false // there the action itself may delete its inputs
	}
	hosts := []string{r.lower}
	for _, t := range r.shared {
		if !t.intact() {
			return true
		}
		hosts = append(hosts, t.dir)
	}
	return !r.tree.allIn(hosts, "")
}

// allIn tells whether every file and symlink below d is in one of the folders.
func (d *directory) allIn(hosts []string, path string) bool {
	for i := range d.files {
		if !existsIn(hosts, join(path, d.files[i].name)) {
			return false
		}
	}
	for _, l := range d.links {
		if !existsIn(hosts, join(path, l.name)) {
			return false
		}
	}
	for _, f := range d.dirs {
		if !f.dir.allIn(hosts, join(path, f.name)) {
			return false
		}
	}
	return true
}

func existsIn(hosts []string, path string) bool {
	for _, host := range hosts {
		if _, err := os.Lstat(host + "/" + path); err == nil {
			return true
		}
	}
	return false
}
