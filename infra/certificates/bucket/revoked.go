package bucket

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
)

// RevokedList is the name of the list of revoked identities.
const RevokedList = "revoked.json"

type cached struct {
	mu   sync.Mutex
	etag string
	data []byte
}

// Revoked reads the list, a certificates.Revoked; nil when there is none. It is fetched anew only when it has changed.
func (o *Objects) Revoked(ctx context.Context) ([]byte, error) {
	o.list.mu.Lock()
	defer o.list.mu.Unlock()
	data, etag, err := o.get(ctx, RevokedList, o.list.etag)
	if errors.Is(err, errUnchanged) {
		return o.list.data, nil
	}
	if err != nil {
		return nil, err
	}
	o.list.etag, o.list.data = etag, data
	return data, nil
}

// Revoke adds names of identities and serial numbers of certificates to the list. What is on it already is not added twice.
func (o *Objects) Revoke(ctx context.Context, names, serials []string) error {
	return o.change(ctx, func(r *certificates.Revoked) {
		r.Names, r.Serials = union(r.Names, names), union(r.Serials, serials)
	})
}

// Pardon takes names and serial numbers off the list.
func (o *Objects) Pardon(ctx context.Context, names, serials []string) error {
	return o.change(ctx, func(r *certificates.Revoked) {
		r.Names, r.Serials = without(r.Names, names), without(r.Serials, serials)
	})
}

// ReplaceAuthority asks the manager for another authority in the place of the one of now.
func (o *Objects) ReplaceAuthority(ctx context.Context, now time.Time) error {
	return o.change(ctx, func(r *certificates.Revoked) { r.AuthoritiesBefore = now.UTC() })
}

// change writes the list as it is then, and starts again when somebody else has changed it meanwhile.
func (o *Objects) change(ctx context.Context, do func(*certificates.Revoked)) error {
	for {
		data, etag, err := o.get(ctx, RevokedList, "")
		if err != nil {
			return err
		}
		var list certificates.Revoked
		if len(data) > 0 {
			if list, err = certificates.ParseRevoked(data); err != nil {
				return err
			}
		}
		do(&list)
		if data, err = json.MarshalIndent(list, "", "  "); err != nil {
			return err
		}
		if list, err = certificates.ParseRevoked(data); err != nil { // what it refuses here it would refuse everywhere
			return err
		}
		err = o.put(ctx, RevokedList, append(data, '\n'), &etag)
		switch status(err) {
		case http.StatusPreconditionFailed, http.StatusConflict, http.StatusNotFound:
			continue
		}
		return err
	}
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func without(a, b []string) []string {
	return slices.DeleteFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
