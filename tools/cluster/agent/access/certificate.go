package access

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
)

// Certificate is the user's at one cluster. It is got and renewed when somebody builds: an agent that nobody builds with asks nobody anything,
// all weekend. It is safe for concurrent use.
type Certificate struct {
	cluster string
	from    certificates.Authenticator
	caller  func(context.Context) (api.Caller, error) // who the user is to the manager
	turn    chan struct{}                             // one renewal at a time

	mu      sync.Mutex
	keeper  *certificates.Keeper
	id      certificates.Identity // that keeper was made for
	renewed time.Time
	tried   time.Time // to renew one that was good still
}

// NewCertificate makes no call.
func NewCertificate(cluster string, from certificates.Authenticator, caller func(context.Context) (api.Caller, error)) *Certificate {
	return &Certificate{cluster: cluster, from: from, caller: caller, turn: make(chan struct{}, 1)}
}

// Config is for the next handshake with the server.
func (c *Certificate) Config(ctx context.Context) (*tls.Config, error) {
	k, err := c.keeperOf(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := k.Current(); err != nil {
		if err := c.renew(ctx, k, func() bool { _, err := k.Current(); return err != nil }); err != nil {
			return nil, err
		}
	} else if c.due(k) {
		go c.renew(context.WithoutCancel(ctx), k, func() bool { return true }) // the old one is good meanwhile
	}
	return certificates.ClientTLS(k, c.cluster, certificates.RoleServer), nil
}

// Renew gets a new certificate, unless somebody did since that moment.
func (c *Certificate) Renew(ctx context.Context, since time.Time) error {
	k, err := c.keeperOf(ctx)
	if err != nil {
		return err
	}
	return c.renew(ctx, k, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.renewed.Before(since)
	})
}

// State is how the certificate is; zero before anybody needed one.
func (c *Certificate) State() certificates.KeptState {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keeper == nil {
		return certificates.KeptState{}
	}
	return c.keeper.State()
}

// Current is the bundle, of a certificate that was got before.
func (c *Certificate) Current() (*certificates.Bundle, error) {
	c.mu.Lock()
	k := c.keeper
	c.mu.Unlock()
	if k == nil {
		return nil, errors.New("there is no certificate yet")
	}
	return k.Current()
}

// renewLimit bounds one renewal, of which the caller may be gone.
const renewLimit = time.Minute

// renew waits for its turn, and looks then whether a renewal is still wanted.
func (c *Certificate) renew(ctx context.Context, k *certificates.Keeper, wanted func() bool) error {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if !wanted() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, renewLimit)
	defer cancel()
	if err := k.Renew(ctx); err != nil {
		return refuse.Explain(c.cluster, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewed = time.Now()
	return nil
}

// keeperOf is the one for who the user is now: somebody who may build from today on needs another certificate.
func (c *Certificate) keeperOf(ctx context.Context) (*certificates.Keeper, error) {
	caller, err := c.caller(ctx)
	if err != nil {
		return nil, err
	}
	id := identityOf(c.cluster, caller)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keeper == nil || c.id != id {
		c.keeper, c.id, c.renewed = certificates.NewKeeper(c.from, id, certificates.KeeperOptions{}), id, time.Time{}
	}
	return c.keeper, nil
}

// identityOf is what to ask for a certificate for.
func identityOf(cluster string, caller api.Caller) certificates.Identity {
	role := certificates.RoleBuilder
	if caller.Role == api.RoleReader {
		role = certificates.RoleReader
	}
	return certificates.Identity{Cluster: cluster, Role: role, Name: caller.ARN}
}

// pause is how long to wait after an attempt to renew a certificate that is still good.
const pause = 30 * time.Second

// due says whether it is time to renew a certificate that is still good, and expects that it is tried then.
func (c *Certificate) due(k *certificates.Keeper) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(k.State().Renews) || time.Since(c.tried) < pause {
		return false
	}
	c.tried = time.Now()
	return true
}
