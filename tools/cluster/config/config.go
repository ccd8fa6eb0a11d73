// Package config reads bbf.yaml, the team's file at the root of a workspace.
//
// What is right comes from the JSON schema in infra/schema; what one field means for another is checked here. Every mistake is
// one line with its place, the field and, where there is one, the nearest right thing:
//
//	bbf.yaml:7:3: workers.memory: 3000 is not offered by Fargate for 1 vCPU; the nearest is 3072
//
// Reading is all that this package does: nothing is asked of AWS, and nothing is written.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bbf-build/bbf/infra/schema"
)

// File is the name of the file.
const File = "bbf.yaml"

// Load reads bbf.yaml in the folder root, checks it and fills in the defaults. It returns nil, nil when there is no such file, and
// Mistakes when something is wrong in it.
func Load(root string) (*schema.Config, error) {
	name := filepath.Join(root, File)
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	info, err := os.Stat(name)
	if err != nil { // a link that leads nowhere too: it isn't there by chance
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading the configuration: %s is no file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1)) // one more than Parse takes
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(File, data)
}

// Parse checks the text of a configuration and fills in the defaults. The name is what its mistakes are reported under. Its error
// is always Mistakes.
func Parse(name string, data []byte) (*schema.Config, error) {
	r := report{file: name}
	text := r.text(data)
	if len(r.mistakes) > 0 {
		return nil, r.sorted() // what the parser would say of such a text helps nobody
	}
	root := r.tree(text)
	if root == nil {
		return nil, r.sorted()
	}
	r.root = root
	r.validate()
	config, err := r.decode()
	if err != nil { // the schema lets nothing through that doesn't fit
		r.add(nil, "%v", err)
		return nil, r.sorted()
	}
	schema.Defaults(config)
	r.check(config)
	if len(r.mistakes) > 0 {
		return nil, r.sorted()
	}
	return config, nil
}
