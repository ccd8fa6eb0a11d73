package certificates

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Keeper is the Source of a machine that gets its certificate from an Authenticator. It makes the key, which never leaves the machine, and
// renews both long before the certificate ends. It is safe for concurrent use.
type Keeper struct {
	from Authenticator
	id   Identity
	opts KeeperOptions

	renewing sync.Mutex // one at a time

	mu      sync.Mutex
	bundle  *Bundle
	since   time.Time // when bundle was got
	err     error     // of the last attempt
	attempt int       // failed ones in a row
}

// KeeperOptions may all be left out.
type KeeperOptions struct {
	Hosts   []string        // addresses and DNS names to ask for; for tasks
	Folder  string          // where to keep certificate.pem, key.pem and authorities.pem, for the next start and for programs that read files
	Changed func(*Bundle)   // called after a new certificate was got
	Failed  func(KeptState) // called after an attempt failed
}

// KeptState is how a Keeper is.
type KeptState struct {
	Identity Identity  // of the certificate; as asked for when there is none
	NotAfter time.Time // when the certificate ends; zero when there is none
	Renews   time.Time // when the next one is asked for
	Err      error     // why the last attempt failed; nil when it didn't
}

// NewKeeper makes no call; Renew gets the first certificate, and Run all further ones. A certificate that is still good may be in the folder.
func NewKeeper(from Authenticator, id Identity, opts KeeperOptions) *Keeper {
	k := &Keeper{from: from, id: id, opts: opts}
	if opts.Folder != "" {
		if b, err := Load(opts.Folder); err == nil && b.Identity.Cluster == id.Cluster && time.Now().Before(b.Certificate.Leaf.NotAfter) {
			k.bundle, k.since = b, b.Certificate.Leaf.NotBefore
		}
	}
	return k
}

// Current is the certificate, also while its renewal fails, until it ends.
func (k *Keeper) Current() (*Bundle, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.bundle == nil && k.err == nil:
		return nil, errors.New("there is no certificate yet")
	case k.bundle == nil:
		return nil, fmt.Errorf("there is no certificate: %w", k.err)
	}
	if end := k.bundle.Certificate.Leaf.NotAfter; time.Now().After(end) {
		if k.err == nil {
			return nil, fmt.Errorf("the certificate has ended at %s", end.Format(time.RFC3339))
		}
		return nil, fmt.Errorf("the certificate has ended at %s, and there is no new one: %w", end.Format(time.RFC3339), k.err)
	}
	return k.bundle, nil
}

// State is how it is.
func (k *Keeper) State() KeptState {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := KeptState{Identity: k.id, Err: k.err, Renews: k.due()}
	if k.bundle != nil {
		s.Identity, s.NotAfter = k.bundle.Identity, k.bundle.Certificate.Leaf.NotAfter
	}
	return s
}

// patience is how long an attempt may take.
const patience = 90 * time.Second

// Renew gets a new certificate now, with a new key.
func (k *Keeper) Renew(ctx context.Context) error {
	k.renewing.Lock()
	defer k.renewing.Unlock()
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b, err := k.fetch(asking)
	if err == nil && k.opts.Folder != "" {
		err = b.Save(k.opts.Folder)
	}
	if err != nil && ctx.Err() != nil {
		return err // given up, not failed
	}
	k.mu.Lock()
	k.err = err
	changed := false
	if err != nil {
		k.attempt++
	} else {
		changed = k.bundle == nil || !bytes.Equal(k.bundle.CertificatePEM, b.CertificatePEM) || !bytes.Equal(k.bundle.AuthoritiesPEM, b.AuthoritiesPEM)
		k.bundle, k.since, k.attempt = b, time.Now(), 0
	}
	k.mu.Unlock()
	switch {
	case err != nil && k.opts.Failed != nil:
		k.opts.Failed(k.State())
	case changed && k.opts.Changed != nil:
		k.opts.Changed(b)
	}
	return err
}

func (k *Keeper) fetch(ctx context.Context) (*Bundle, error) {
	key, keyPEM, err := k.key(ctx)
	if err != nil {
		return nil, err
	}
	csr, err := NewRequest(key, k.id, k.opts.Hosts)
	if err != nil {
		return nil, err
	}
	certPEM, authoritiesPEM, err := k.from.Certificate(ctx, k.id, csr)
	if err != nil {
		return nil, err
	}
	b, err := Parse(certPEM, keyPEM, authoritiesPEM)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the certificate that came is of no use: %w", err)
	case b.Identity.Cluster != k.id.Cluster:
		return nil, fmt.Errorf("the certificate that came is of another cluster: %s", b.Identity)
	case time.Now().After(b.Certificate.Leaf.NotAfter):
		return nil, fmt.Errorf("the certificate that came has ended at %s", b.Certificate.Leaf.NotAfter.Format(time.RFC3339))
	}
	return b, nil
}
