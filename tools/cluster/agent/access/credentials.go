package access

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
	"github.com/bbf-build/bbf/tools/cluster/aws/refusal"
)

// newCredentials reads the files anew whenever what they gave has expired or was of no use: people log in again and edit their profiles while
// the agent runs.
func newCredentials(e Environment, region string) *aws.CredentialsCache {
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		cfg, err := e.Load(ctx, region)
		if err != nil {
			return aws.Credentials{}, e.refused(err)
		}
		c, err := cfg.Credentials.Retrieve(ctx)
		if err != nil {
			return aws.Credentials{}, e.refused(err)
		}
		return c, nil
	}))
}

// refused puts it into words that there are no credentials.
func (e Environment) refused(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var network *net.OpError
	if errors.As(err, &network) && !strings.Contains(err.Error(), "IMDS") {
		return refuse.Unavailable(fmt.Errorf("the AWS credentials can't be had at the moment: %w", err))
	}
	err = refusal.Explain(fmt.Errorf("failed to retrieve credentials: %w", err))
	return refuse.Denied(e.hint(err))
}

// hint makes the next command fit to where the credentials came from.
func (e Environment) hint(err error) error {
	next := cluster.Next(err)
	switch {
	case e.keys():
		return cluster.WithNext(err, "get a new session where this one came from, then "+cluster.Command("up")+", which hands it to the agent")
	case e.Profile() != "" && strings.Contains(next, "aws sso login") && !strings.Contains(next, "--profile"):
		return cluster.WithNext(err, strings.Replace(next, "aws sso login", "aws sso login --profile "+e.Profile(), 1))
	}
	return err
}
