package forward_test

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/tools/cluster/agent/testcluster"
)

// wrong shows the certificate of an authority that the cluster doesn't know, and trusts the cluster.
type wrong struct {
	cluster  *testcluster.Cluster
	stranger *certificates.Authority
}

func (w wrong) Config(context.Context) (*tls.Config, error) {
	key, keyPEM, err := certificates.NewKey()
	if err != nil {
		return nil, err
	}
	id := certificates.Identity{Cluster: testcluster.Name, Role: certificates.RoleBuilder, Name: "x"}
	csr, err := certificates.NewRequest(key, id, nil)
	if err != nil {
		return nil, err
	}
	cert, err := w.stranger.Sign(csr, id, nil, time.Hour, time.Now())
	if err != nil {
		return nil, err
	}
	authority, _ := w.cluster.Authority.PEM()
	b, err := certificates.Parse(cert, keyPEM, authority)
	if err != nil {
		return nil, err
	}
	return certificates.ClientTLS(b, testcluster.Name, certificates.RoleServer), nil
}

func (w wrong) Renew(context.Context, time.Time) error { return nil }
