package agent

import (
	"context"
	"errors"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/agent/follow"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

// keyless is a manager for which there were keys, in the shell that `up` was called in, until the agent was started anew. It isn't asked: with
// what the SDK may find elsewhere the user could be somebody else.
type keyless struct{}

var errKeyless = refuse.Denied(cluster.WithNext(errors.New("the AWS keys that `up` was called with are gone: the agent was started anew, and it doesn't write them to disk"), cluster.Command("up")))

func (keyless) Status(context.Context, bool) (api.Status, error) { return api.Status{}, errKeyless }
func (keyless) Up(context.Context, api.UpRequest) (api.Status, error) {
	return api.Status{}, errKeyless
}

// managerOf is whom to ask.
func managerOf(r Registration, m *access.Manager) follow.Manager {
	if r.KeysMissing {
		return keyless{}
	}
	return m
}
