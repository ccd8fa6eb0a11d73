package simple

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bbf-build/bbf/infra/certificates"
)

// Folder is a Store of files that nobody but their owner may read (0600).
type Folder string

// Read returns a file; nil when there is none.
func (f Folder) Read(_ context.Context, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(string(f), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Write replaces a file, and makes the folder.
func (f Folder) Write(_ context.Context, name string, data []byte) error {
	path := filepath.Join(string(f), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return certificates.WriteFile(path, data)
}

func (f Folder) String() string { return string(f) }
