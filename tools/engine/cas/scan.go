package cas

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/bbf-build/bbf/tools/engine/digest"
)

// scan enters what is on disk into the index.
func (s *Store) scan() error {
	err := s.eachFile("cas", func(d digest.Digest, _ string) bool {
		s.note(&d)
		return true
	})
	if err != nil {
		return err
	}
	return s.eachFile("plain", func(d digest.Digest, _ string) bool {
		_, e := s.present(&d)
		if e == nil {
			return false
		}
		e.Plain = true
		s.bytes += onDisk(d.Size)
		return true
	})
}

// eachFile calls f for each blob's file below a folder, and removes what f doesn't want and what has no blob's name.
func (s *Store) eachFile(sub string, f func(d digest.Digest, path string) bool) error {
	top, err := os.ReadDir(filepath.Join(s.dir, sub))
	if err != nil {
		return err
	}
	for _, shard := range top {
		folder := filepath.Join(s.dir, sub, shard.Name())
		if !shard.IsDir() || len(shard.Name()) != 2 {
			os.RemoveAll(folder)
			continue
		}
		names, err := readNames(folder)
		if err != nil {
			return err
		}
		for _, name := range names {
			path := folder + "/" + name
			d, ok := parseName(name)
			if !ok || !strings.HasPrefix(name, shard.Name()) || !f(d, path) {
				os.RemoveAll(path)
			}
		}
	}
	return nil
}

// readNames is os.ReadDir without the sorting.
func readNames(folder string) ([]string, error) {
	dir, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}
