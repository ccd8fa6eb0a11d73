package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bbf-build/bbf/tools/workspace"
)

// memory is what a workspace remembers of its cluster, in .bbf/aws.json. Nothing is lost with it but time.
type memory struct {
	Cluster string `json:"cluster"`
	Region  string `json:"region"`
	Stack   string `json:"stack"` // name of the manager's
	address
	Seen string `json:"seen,omitempty"` // digest of the configuration that this workspace deployed, or was in step with, last
}

func (c *Cluster) memoryFile() string { return filepath.Join(c.root, workspace.Dir, "aws.json") }

// recall returns what is remembered of this cluster: nothing, if it was another one.
func (c *Cluster) recall() memory {
	var m memory
	none := memory{Cluster: c.config.Cluster, Region: c.config.AWS.Region, Stack: c.config.AWS.Stacks.Manager}
	data, err := os.ReadFile(c.memoryFile())
	if err != nil || json.Unmarshal(data, &m) != nil || m.Cluster != none.Cluster || m.Region != none.Region || m.Stack != none.Stack {
		return none
	}
	return m
}

// remember changes what is remembered.
func (c *Cluster) remember(change func(*memory)) error {
	m := c.recall()
	change(&m)
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.memoryFile()), 0o777); err != nil {
		return fmt.Errorf("making the workspace's folder for bbf: %w", err)
	}
	_, err = workspace.WriteFile(c.memoryFile(), append(data, '\n'), 0o644)
	return err
}

func (c *Cluster) forget() error {
	if err := os.Remove(c.memoryFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
