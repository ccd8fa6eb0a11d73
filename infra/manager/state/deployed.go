package state

import (
	"context"
	"time"
)

// fresh is for how long a configuration is used without asking whether it has changed.
const fresh = time.Minute

// Deployed returns the deployed configuration, or ErrNotDeployed.
func (s *Store) Deployed(ctx context.Context) (*Deployed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deployed.value == nil || s.now().Sub(s.deployed.read) > fresh {
		o, err := get(ctx, s, ConfigKey(s.cluster), s.deployed)
		if err != nil {
			return nil, err
		}
		s.deployed = o
	}
	if s.deployed.value == nil {
		return nil, ErrNotDeployed
	}
	return s.deployed.value, nil
}
