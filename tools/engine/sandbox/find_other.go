//go:build !linux

package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// find returns the path of a program as a command in dir means it.
func find(prog, dir string, env []string) (string, error) {
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return "", &StartError{Program: prog, Reason: "its working directory is not there", Err: syscall.ENOENT}
	}
	var tries []string
	if strings.Contains(prog, "/") {
		tries = []string{prog}
	} else {
		path := "/bin:/usr/bin"
		for _, v := range env {
			if value, ok := strings.CutPrefix(v, "PATH="); ok {
				path = value
			}
		}
		for _, d := range filepath.SplitList(path) {
			tries = append(tries, filepath.Join(d, prog))
		}
	}
	reason := syscall.ENOENT
	for _, t := range tries {
		if !filepath.IsAbs(t) {
			t = filepath.Join(dir, t)
		}
		st, err := os.Stat(t)
		if err != nil || st.IsDir() {
			continue
		}
		if st.Mode()&0o111 != 0 {
			return t, nil
		}
		reason = syscall.EACCES
	}
	return "", &StartError{Program: prog, Reason: "it can't be run: " + reason.Error(), Err: reason}
}
