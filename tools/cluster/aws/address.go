package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// address is where the manager is. It is remembered, so that it costs a look at the stack only once.
type address struct {
	StackID     string `json:"stackId"`
	FunctionURL string `json:"functionUrl"`
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
	return a, c.remember(func(m *memory) { m.address = a })
}

func (c *Cluster) client(a address) *manager.Client {
	return &manager.Client{URL: a.FunctionURL, Region: c.config.AWS.Region, Credentials: c.aws.Credentials, HTTP: manager.NewHTTP(), Pause: second}
}

// ask calls the manager. When that fails as if it were somewhere else now, its address is looked up again.
func (c *Cluster) ask(ctx context.Context, call func(*manager.Client) (api.Status, error)) (api.Status, *manager.Client, error) {
	a := c.recall().address
	known := a.FunctionURL != ""
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
