package access

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/manager/api"
)

// Direct is what Bazel needs to talk to the server itself, without an agent between them: for CI, whose jobs end before the certificate does.
type Direct struct {
	Endpoint    string                `json:"endpoint"` // grpcs://HOST:PORT; another one after the cluster was down
	Identity    certificates.Identity `json:"-"`
	NotAfter    time.Time             `json:"notAfter"`    // when the certificate ends
	Authorities string                `json:"authorities"` // file, for --tls_certificate
	Certificate string                `json:"certificate"` // file, for --tls_client_certificate
	Key         string                `json:"key"`         // file, PKCS#8, for --tls_client_key
}

// NewDirect gets a certificate with the credentials of this process's environment, for who the manager says the user is, and writes it and its
// key into a folder that only the user can enter. The status is of a cluster that is up.
func NewDirect(ctx context.Context, c Cluster, status api.Status, folder string) (Direct, error) {
	_, from, err := Open(ctx, c, EnvironmentOf(os.Environ()))
	if err != nil {
		return Direct{}, err
	}
	return newDirect(ctx, c.Name, from, status, folder)
}

func newDirect(ctx context.Context, cluster string, from certificates.Authenticator, status api.Status, folder string) (Direct, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Direct{}, err
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		return Direct{}, err
	}
	keeper := certificates.NewKeeper(from, identityOf(cluster, status.Caller), certificates.KeeperOptions{Folder: folder})
	if err := keeper.Renew(ctx); err != nil {
		return Direct{}, err
	}
	s := keeper.State()
	in := func(name string) string { return filepath.Join(folder, name) }
	return Direct{
		Endpoint: status.Endpoint, Identity: s.Identity, NotAfter: s.NotAfter,
		Authorities: in(certificates.AuthoritiesFile), Certificate: in(certificates.CertificateFile), Key: in(certificates.KeyFile),
	}, nil
}
