package actioncache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	repb "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

// A file is the SHA-256 of the message, then the message: what a power cut or a bad disk does to it is noticed.

func (c *Cache) path(k key) string {
	name := hex.EncodeToString(k[:])
	return filepath.Join(c.dir, name[:2], name)
}

// load reads a result, nil if there is none. damaged tells that what is there is of no use to anybody.
func (c *Cache) load(k key) (r *repb.ActionResult, damaged bool) {
	data, err := os.ReadFile(c.path(k))
	if err != nil {
		return nil, errors.Is(err, syscall.EISDIR)
	}
	r = decode(data)
	return r, r == nil
}

// decode is the result in a file's bytes, nil if they are not what encode made.
func decode(data []byte) *repb.ActionResult {
	if len(data) < sha256.Size {
		return nil
	}
	sum := sha256.Sum256(data[sha256.Size:])
	if !bytes.Equal(sum[:], data[:sha256.Size]) {
		return nil
	}
	r := new(repb.ActionResult)
	if proto.Unmarshal(data[sha256.Size:], r) != nil {
		return nil
	}
	return r
}

func encode(r *repb.ActionResult) ([]byte, error) {
	data, err := proto.MarshalOptions{}.MarshalAppend(make([]byte, sha256.Size, 1024), r)
	if err != nil {
		return nil, fmt.Errorf("encode an action's result: %w", err)
	}
	sum := sha256.Sum256(data[sha256.Size:])
	copy(data, sum[:])
	return data, nil
}

// save writes a result and removes the ones that were not used for the longest time, if there are too many.
func (c *Cache) save(k key, r *repb.ActionResult) error {
	data, err := encode(r)
	if err != nil {
		return err
	}
	path := c.path(k)
	// The folder is shared with results, whose names have no dot.
	tmp := fmt.Sprintf("%s/.%d", c.dir, c.tmpName.Add(1))
	if err := write(tmp, data); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	err = os.Rename(tmp, path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.Rename(tmp, path)
		}
	}
	if err != nil {
		os.Remove(tmp)
		return err
	}
	c.note(k)
	c.trim()
	return nil
}

func write(path string, data []byte) error {
	err := os.WriteFile(path, data, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.WriteFile(path, data, 0o644)
		}
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}

// drop removes a result.
func (c *Cache) drop(k key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(k)
}
