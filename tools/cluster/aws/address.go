package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
	"github.com/bbf-build/bbf/tools/workspace"
)

// address is where the manager is. It is kept in .bbf/aws.json, so that it costs a look at the stack only once.
type address struct {
	Cluster     string `json:"cluster"`
	Region      string `json:"region"`
	Stack       string `json:"stack"` // name
	StackID     string `json:"stackId"`
	FunctionURL string `json:"functionUrl"`
}

func (c *Cluster) addressFile() string { return filepath.Join(c.root, workspace.Dir, "aws.json") }

// remembered returns the kept address, if it is of this cluster.
func (c *Cluster) remembered() (a address, ok bool) {
	data, err := os.ReadFile(c.addressFile())
	if err != nil || json.Unmarshal(data, &a) != nil {
		return address{}, false
	}
	return a, a.FunctionURL != "" && a.Cluster == c.config.Cluster && a.Region == c.config.AWS.Region && a.Stack == c.config.AWS.Stacks.Manager
}

func (c *Cluster) remember(a address) error {
	a.Cluster, a.Region, a.Stack = c.config.Cluster, c.config.AWS.Region, c.config.AWS.Stacks.Manager
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.addressFile()), 0o777); err != nil {
		return fmt.Errorf("making the workspace's folder for bbf: %w", err)
	}
	_, err = workspace.WriteFile(c.addressFile(), append(data, '\n'), 0o644)
	return err
}

func (c *Cluster) forget() error {
	if err := os.Remove(c.addressFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// lookUp asks CloudFormation for the address.
func (c *Cluster) lookUp(ctx context.Context) (address, error) {
	s, err := c.stacks(nil).Look(ctx, c.config.AWS.Stacks.Manager)
	if err != nil {
		return address{}, err
	}
	url := s.Outputs["FunctionUrl"]
	if !s.Exists() || url == "" {
		return address{}, cluster.WithNext(fmt.Errorf("the cluster %s isn't set up: there is no working stack %s in %s",
			c.config.Cluster, c.config.AWS.Stacks.Manager, c.config.AWS.Region), cluster.Command("setup"))
	}
	a := address{StackID: s.ID, FunctionURL: url}
	return a, c.remember(a)
}

func (c *Cluster) client(a address) *manager.Client {
	return &manager.Client{URL: a.FunctionURL, Region: c.config.AWS.Region, Credentials: c.aws.Credentials, HTTP: manager.NewHTTP(), Pause: second}
}

// ask calls the manager. When that fails as if it were somewhere else now, its address is looked up again.
func (c *Cluster) ask(ctx context.Context, call func(*manager.Client) (api.Status, error)) (api.Status, *manager.Client, error) {
	a, known := c.remembered()
	if !known {
		var err error
		if a, err = c.lookUp(ctx); err != nil {
			return api.Status{}, nil, refusal.Explain(err)
		}
	}
	m := c.client(a)
	s, err := call(m)
	if !known || err == nil || !manager.Stale(err) {
		return s, m, err
	}
	now, lookErr := c.lookUp(ctx)
	switch {
	case lookErr != nil && cluster.Next(lookErr) != "": // it isn't set up any more
		return s, m, errors.Join(lookErr, c.forget())
	case lookErr != nil || now.FunctionURL == a.FunctionURL:
		return s, m, err
	}
	m = c.client(now)
	s, err = call(m)
	return s, m, err
}
