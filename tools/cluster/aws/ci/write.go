package ci

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bbf-build/bbf/tools/cluster"
)

// Write writes the file into the workspace at root and returns its path from there. It refuses to touch a file that has lost the marker, and
// writes nothing when the file is as it should be.
func (w Workflow) Write(root string) (path string, changed bool, err error) {
	path, text, err := w.File()
	if err != nil {
		return "", false, err
	}
	full := filepath.Join(root, filepath.FromSlash(path))
	have, err := os.ReadFile(full)
	switch {
	case err == nil && bytes.Equal(have, text):
		return path, false, nil
	case err == nil && !bytes.HasPrefix(have, []byte(Marker)):
		return path, false, cluster.WithNext(fmt.Errorf("%s is there already, and bbf didn't write it", path),
			"move it away, run this again, and take from either what you need")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return path, false, err
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return path, false, err
	}
	return path, true, os.WriteFile(full, text, 0o666)
}
