package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// Status is how the cluster is, with its tasks.
type Status = api.Status

// Status asks the manager, and changes nothing. A cluster that is down is no error; one that isn't set up is.
func (c *Cluster) Status(ctx context.Context) (Status, error) {
	s, _, err := c.ask(ctx, func(m *manager.Client) (api.Status, error) { return m.Status(ctx, true) })
	return s, err
}

// notes says what the user should know of what is deployed: that it isn't what bbf.yaml says here.
func (c *Cluster) notes(ctx context.Context) []string {
	d, err := deploy.ReadDeployed(ctx, c.Bucket(""))
	if err != nil {
		if ctx.Err() != nil {
			return []string{}
		}
		var refused smithy.APIError
		if errors.As(err, &refused) && refused.ErrorCode() == "AccessDenied" {
			err = fmt.Errorf("you may not read s3://%s/%s (s3:GetObject)", c.config.AWS.Bucket, state.ConfigKey(c.config.Cluster))
		}
		return []string{fmt.Sprintf("bbf.yaml wasn't compared with what is deployed: %v", err)}
	}
	if d == nil {
		return []string{"the last setup of the cluster hasn't ended, or nothing is deployed: run " + cluster.Command("setup")}
	}
	differ, err := deploy.Differences(c.config, &d.Config)
	if err == nil && len(differ) == 0 {
		// When bbf.yaml is changed next, setup has to know that it is a change of this.
		if err = c.remember(func(m *memory) { m.Seen = d.Digest }); err == nil {
			return []string{}
		}
	}
	if err != nil {
		return []string{fmt.Sprintf("what is deployed can't be compared, or remembered: %v", err)}
	}
	words := make([]string, len(differ))
	for i, x := range differ {
		words[i] = x.String()
	}
	return []string{fmt.Sprintf("bbf.yaml differs from what is deployed: %s; deployed by %s on %s; run %s, or get their bbf.yaml (git pull)",
		strings.Join(words, "; "), d.By, deploy.Day(d.At), cluster.Command("setup"))}
}
