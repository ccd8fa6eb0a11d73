package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Dir is the folder in the workspace that is all bbf's.
const Dir = ".bbf"

// Cluster is .bbf/cluster.json: what the module extension makes the repository @bbf_cluster from.
type Cluster struct {
	Schema         int               `json:"schema"` // 1
	Backend        string            `json:"backend"`
	Cluster        string            `json:"cluster"`
	ExecProperties map[string]string `json:"exec_properties"` // of @bbf//:platform
}

// RCPath is where the rc lies.
func (w Workspace) RCPath() string { return w.Path(Dir, "bazelrc") }

// ReadRC returns the rc, nil when there is none.
func (w Workspace) ReadRC() ([]byte, error) {
	data, err := os.ReadFile(w.RCPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Write puts .bbf/ in place, each file atomically and only where it changes something. The rc comes last: when it
// is there, everything that it needs is.
func (w Workspace) Write(rc RC, c Cluster) (changed bool, err error) {
	bazelrc, err := rc.Bytes()
	if err != nil {
		return false, err
	}
	cluster, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return false, fmt.Errorf("writing cluster.json: %w", err)
	}
	if err := os.MkdirAll(w.Path(Dir), 0o777); err != nil {
		return false, fmt.Errorf("making the workspace's folder for bbf: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{
		{".gitignore", []byte("*\n")},
		{"cluster.json", append(cluster, '\n')},
		{"bazelrc", bazelrc},
	} {
		did, err := WriteFile(w.Path(Dir, f.name), f.data, 0o644)
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return changed, nil
}

// MakeInert rewrites the rc so that builds with the same --config run locally. Endpoint restricts it to an rc that
// points there; "" takes any. It does nothing where there is no rc, where it isn't ours, or where it is inert already.
func (w Workspace) MakeInert(endpoint string) (changed bool, err error) {
	rc, err := w.ReadRC()
	if err != nil || rc == nil {
		return false, err
	}
	if endpoint != "" && EndpointOf(rc) != endpoint {
		return false, nil
	}
	inert, ours := Inert(rc)
	if !ours || bytes.Equal(rc, inert) {
		return false, nil
	}
	return WriteFile(w.RCPath(), inert, 0o644)
}
