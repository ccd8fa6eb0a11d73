package state

import (
	"context"
	"time"
)

// Up returns when the cluster was brought up; the zero Up when it never was. What was read or written within maxAge needn't be read again.
func (s *Store) Up(ctx context.Context, maxAge time.Duration) (Up, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if maxAge == 0 || s.up.read.IsZero() || s.now().Sub(s.up.read) > maxAge {
		o, err := get(ctx, s, UpKey(s.cluster), s.up)
		if err != nil {
			return Up{}, err
		}
		s.up = o
	}
	if s.up.value == nil {
		return Up{}, nil
	}
	return *s.up.value, nil
}

// Claim replaces what Up returned last. It says false when somebody else did so first; then read it again. So of several callers who want
// to bring a cluster up at the same time one does.
func (s *Store) Claim(ctx context.Context, next Up) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, won, err := put(ctx, s, UpKey(s.cluster), s.up, &next)
	if err != nil {
		return false, err
	}
	s.up = o
	return won, nil
}

// Activity returns when somebody last built; the zero time when nobody has.
func (s *Store) Activity(ctx context.Context) (time.Time, error) {
	o, err := get(ctx, s, ActivityKey(s.cluster), object[Activity]{})
	if err != nil || o.value == nil {
		return time.Time{}, err
	}
	return o.value.At, nil
}
