package access

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// Manager is the manager of a cluster, asked with the user's credentials. It is safe for concurrent use.
type Manager struct {
	client      *manager.Client
	credentials *aws.CredentialsCache
	environment Environment
}

// Status asks how the cluster is.
func (m *Manager) Status(ctx context.Context, tasks bool) (s api.Status, err error) {
	err = m.call(ctx, func() error { s, err = m.client.Status(ctx, tasks); return err })
	return s, err
}

// Up asks for a running cluster.
func (m *Manager) Up(ctx context.Context, r api.UpRequest) (s api.Status, err error) {
	err = m.call(ctx, func() error { s, err = m.client.Up(ctx, r); return err })
	return s, err
}

// Certificate asks for a certificate for the user.
func (m *Manager) Certificate(ctx context.Context, r api.CertificateRequest) (reply api.CertificateReply, err error) {
	err = m.call(ctx, func() error { reply, err = m.client.Certificate(ctx, r); return err })
	return reply, err
}

// call makes a call, and once more with new credentials, if there are any, when AWS didn't take the ones that it was made with.
func (m *Manager) call(ctx context.Context, do func() error) error {
	err := do()
	var e *manager.Error
	if !errors.As(err, &e) || e.Manager || e.HTTP != http.StatusForbidden {
		return err
	}
	old, oldErr := m.credentials.Retrieve(ctx)
	m.credentials.Invalidate()
	if now, nowErr := m.credentials.Retrieve(ctx); oldErr == nil && nowErr == nil && !now.Expired() &&
		(now.AccessKeyID != old.AccessKeyID || now.SecretAccessKey != old.SecretAccessKey || now.SessionToken != old.SessionToken) {
		err = do()
	}
	if cluster.Next(err) != "" {
		return m.environment.hint(err)
	}
	return err
}
