// Package signing is the cluster's own certificate authority. Its key lies in the bucket, encrypted, where the manager's role alone may read
// it; the manager makes it on first use. It is never kept in memory between two requests, so that all instances of the manager go by the same.
//
// An authority is replaced without a break after a year, or when an admin asks for it (certificates.Revoked.AuthoritiesBefore):
//
//	at once      the next one is made, and whoever gets a certificate trusts both
//	after a lap  the next one signs; the certificates of the old one still in use are trusted
//	two laps     the old one is forgotten
//
// A lap is longer than any certificate is valid, so that a machine has been here once in each. The requests themselves turn the wheel.
package signing

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/state"
)

const (
	life = 2 * 365 * 24 * time.Hour // of an authority
	used = life / 2                 // for how long it is before another takes its place
)

// Objects are the bucket's. state.Store has them.
type Objects interface {
	Read(ctx context.Context, key string) (data []byte, etag string, err error)
	Replace(ctx context.Context, key string, data []byte, etag string) (bool, error)
}

// authorities are those of a moment.
type authorities struct {
	signs   *certificates.Authority
	trusted []byte // PEM
}

// object is an authority as it lies in the bucket; nil when there is none.
type object struct {
	*certificates.Authority
	etag string
}

// errOvertaken means that another instance of the manager has written meanwhile, and that what there is has to be read again.
var errOvertaken = errors.New("another manager was faster")

// current reads the authorities, and makes or replaces what it is time for.
func (s *Signer) current(ctx context.Context, now time.Time, lap time.Duration, before time.Time) (*authorities, error) {
	for range 10 {
		a, err := s.try(ctx, now, lap, before)
		if !errors.Is(err, errOvertaken) {
			return a, err
		}
	}
	return nil, errOvertaken
}

func (s *Signer) try(ctx context.Context, now time.Time, lap time.Duration, before time.Time) (*authorities, error) {
	key, nextKey := state.AuthorityKey(s.Cluster), state.NextAuthorityKey(s.Cluster)
	old, err := s.read(ctx, key)
	if err != nil {
		return nil, err
	}
	if old.Authority == nil {
		if err := s.make(ctx, key, &old, now); err != nil {
			return nil, err
		}
	}
	next, err := s.read(ctx, nextKey)
	if err != nil {
		return nil, err
	}
	waits := next.Authority != nil && !next.Is(old.Authority)
	if !waits && due(old.Authority, now, before) {
		if err := s.make(ctx, nextKey, &next, now); err != nil {
			return nil, err
		}
		waits = true
	}
	if !waits {
		return of(old.Authority), nil
	}
	switch since := now.Sub(next.Made()); {
	case since >= 2*lap:
		if err := s.write(ctx, key, next.Authority, old.etag); err != nil {
			return nil, err
		}
		return of(next.Authority), nil
	case since >= lap || !now.Before(old.NotAfter()):
		return of(next.Authority, old.Authority), nil
	default:
		return of(old.Authority, next.Authority), nil
	}
}

// due says whether another has to take an authority's place. Only a time that has come counts: one to come would ask for ever.
func due(a *certificates.Authority, now, before time.Time) bool {
	return now.Sub(a.Made()) >= used || !before.After(now) && a.Made().Before(before)
}

// of is what signs, and what is trusted besides it.
func of(signs *certificates.Authority, also ...*certificates.Authority) *authorities {
	trusted, _ := signs.PEM()
	for _, a := range also {
		more, _ := a.PEM()
		trusted = certificates.Union(trusted, more)
	}
	return &authorities{signs, trusted}
}

func (s *Signer) read(ctx context.Context, key string) (object, error) {
	data, etag, err := s.Objects.Read(ctx, key)
	if err != nil || data == nil {
		return object{}, err
	}
	_, keyPEM := pem.Decode(data)
	certPEM := data[:len(data)-len(keyPEM)]
	a, err := certificates.LoadAuthority(certPEM, keyPEM)
	if err != nil {
		return object{}, fmt.Errorf("the certificate authority in %s is damaged: %w", key, err)
	}
	return object{a, etag}, nil
}

// make puts a new authority in the place of what was read.
func (s *Signer) make(ctx context.Context, key string, o *object, now time.Time) error {
	a, err := certificates.NewAuthority(s.Cluster, now, life)
	if err != nil {
		return err
	}
	if err := s.write(ctx, key, a, o.etag); err != nil {
		return err
	}
	// Its ETag isn't known, and isn't needed: what was made just now isn't replaced in the same request.
	*o = object{Authority: a}
	return nil
}

func (s *Signer) write(ctx context.Context, key string, a *certificates.Authority, etag string) error {
	certPEM, keyPEM := a.PEM()
	won, err := s.Objects.Replace(ctx, key, bytes.Join([][]byte{certPEM, keyPEM}, nil), etag)
	if err == nil && !won {
		err = errOvertaken
	}
	return err
}
