// Package issued is the authenticator that has certificates signed by the cluster's manager, which goes by IAM: whoever may call it gets a
// certificate for the own role and ARN, whatever is asked for, valid for hours. The private key never leaves the machine.
package issued

import (
	"context"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// Manager is whom to ask: Client in a task, and the client of tools/cluster/aws/manager on a user's machine.
type Manager interface {
	Certificate(context.Context, api.CertificateRequest) (api.CertificateReply, error)
}

// Authenticator asks the manager.
type Authenticator struct{ manager Manager }

var _ certificates.Authenticator = (*Authenticator)(nil)

// New makes no call.
func New(m Manager) *Authenticator { return &Authenticator{m} }

// Certificate returns one for the caller. The identity asked for is not sent: the manager knows who calls.
func (a *Authenticator) Certificate(ctx context.Context, _ certificates.Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error) {
	reply, err := a.manager.Certificate(ctx, api.CertificateRequest{CSR: string(csr)})
	if err != nil {
		return nil, nil, err
	}
	return []byte(reply.Certificate), []byte(reply.Authorities), nil
}
