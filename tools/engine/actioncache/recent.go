package actioncache

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
)

// scan finds the results on disk and removes what was being written when the last process ended.
func (c *Cache) scan() error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	top, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, shard := range top {
		folder := filepath.Join(c.dir, shard.Name())
		if strings.HasPrefix(shard.Name(), ".") {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
			continue
		}
		files, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, f := range files {
			var k key
			if len(f.Name()) == hex.EncodedLen(len(k)) {
				if _, err := hex.Decode(k[:], []byte(f.Name())); err == nil {
					c.note(k)
				}
			}
		}
	}
	c.trim()
	return nil
}

// touch notes that a result was used.
func (c *Cache) touch(k key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.ix.Find(&k); i != 0 {
		c.ix.Newest(i)
	}
}

// note enters a result as used now. mu is held.
func (c *Cache) note(k key) {
	i := c.ix.Find(&k)
	if i == 0 {
		i = c.ix.Add(&k, 0)
	}
	c.ix.Newest(i)
}

// trim removes results until there are not too many. mu is held.
func (c *Cache) trim() {
	for c.ix.Len() > c.max {
		c.forget(c.ix.At(c.ix.Oldest()).Hash)
	}
}

// forget removes a result and its file. mu is held.
func (c *Cache) forget(k key) {
	if i := c.ix.Find(&k); i != 0 {
		c.ix.Delete(i)
	}
	if err := os.RemoveAll(c.path(k)); err != nil {
		c.log.Warn("an entry of the action cache can't be removed", "err", err)
	}
}
