package signing

import (
	"context"
	"fmt"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/bucket"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// Signer signs for one cluster.
type Signer struct {
	Objects Objects
	Cluster string
	// Validity is the longest that any certificate of the cluster is asked to be valid for, by which the laps of a replacement go.
	Validity time.Duration
}

// Request is one certificate to be signed.
type Request struct {
	CSR      []byte // read and checked by certificates.ParseRequest
	Identity certificates.Identity
	Hosts    []string
	Validity time.Duration
	Now      time.Time
}

// shortestLap leaves time to machines that are late: a laptop's certificate may be renewed on Monday.
const shortestLap = 72 * time.Hour

// Sign signs. The error is certificates.ErrRevoked's when the identity is revoked.
func (s *Signer) Sign(ctx context.Context, r Request) (*api.CertificateReply, error) {
	data, _, err := s.Objects.Read(ctx, bucket.Key(s.Cluster, bucket.RevokedList))
	if err != nil {
		return nil, err
	}
	var revoked certificates.Revoked
	if len(data) > 0 {
		if revoked, err = certificates.ParseRevoked(data); err != nil {
			return nil, fmt.Errorf("the list of revoked identities, %s, can't be read: %w", bucket.Key(s.Cluster, bucket.RevokedList), err)
		}
	}
	if err := revoked.CheckIdentity(r.Identity); err != nil {
		return nil, err
	}
	lap := max(s.Validity+24*time.Hour, shortestLap)
	a, err := s.current(ctx, r.Now, lap, revoked.AuthoritiesBefore)
	if err != nil {
		return nil, err
	}
	cert, err := a.signs.Sign(r.CSR, r.Identity, r.Hosts, r.Validity, r.Now)
	if err != nil {
		return nil, err
	}
	end := r.Now.Add(r.Validity)
	if last := a.signs.NotAfter(); end.After(last) {
		end = last
	}
	return &api.CertificateReply{Certificate: string(cert), Authorities: string(a.trusted), NotAfter: end.UTC().Truncate(time.Second)}, nil
}
