package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/workspace"
)

// Registration is a cluster that the agent shall have a socket for.
type Registration struct {
	access.Cluster
	Environment access.Environment `json:"environment"` // of `up`
	Workspaces  []string           `json:"workspaces"`  // roots of those that build with the cluster
	// KeysMissing says that Environment had keys, which aren't kept when the agent ends.
	KeysMissing bool `json:"keysMissing,omitempty"`
}

// check refuses what can't be a registration, and one that would take another cluster's place: names are the user's to give, buckets are
// unique in the world.
func (r *Registration) check(before *Registration) error {
	switch {
	case r.Name == "" || len(r.Name) > longestName || strings.ContainsAny(r.Name, "/.\x00"):
		return fmt.Errorf("%q is no name of a cluster", r.Name)
	case r.FunctionURL == "" || r.Region == "":
		return errors.New("a cluster has a functionUrl and a region")
	case before != nil && before.Bucket != r.Bucket:
		return fmt.Errorf("there is another cluster called %s already, with the bucket %s in %s, used by %s: take that down, rename one of them, or give this one an agent of its own with BBF_CACHE=FOLDER",
			r.Name, before.Bucket, before.Region, strings.Join(before.Workspaces, ", "))
	}
	return nil
}

// readRegistrations reads the file, without the workspaces that are gone. A broken file is an empty list.
func readRegistrations(file string) []Registration {
	var all []Registration
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil
	}
	for i := range all {
		all[i].Workspaces = slices.DeleteFunc(all[i].Workspaces, func(root string) bool {
			_, err := os.Stat(root)
			return errors.Is(err, fs.ErrNotExist)
		})
	}
	return slices.DeleteFunc(all, func(r Registration) bool { return r.check(nil) != nil })
}

// writeRegistrations keeps all but keys.
func writeRegistrations(file string, all []Registration) error {
	kept := slices.Clone(all)
	for i, r := range kept {
		var missing bool
		kept[i].Environment, missing = r.Environment.WithoutSecrets()
		kept[i].KeysMissing = r.KeysMissing || missing
	}
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	_, err = workspace.WriteFile(file, append(data, '\n'), 0o600)
	return err
}

// forget takes a cluster out of the file while no agent runs.
func (p Paths) forget(name string) (workspaces []string, err error) {
	all := readRegistrations(p.clusters())
	i := slices.IndexFunc(all, func(r Registration) bool { return r.Name == name })
	if i < 0 {
		return nil, nil
	}
	workspaces = all[i].Workspaces
	return workspaces, writeRegistrations(p.clusters(), slices.Delete(all, i, i+1))
}
