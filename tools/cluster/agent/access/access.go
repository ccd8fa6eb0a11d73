// Package access is what the user may do at one cluster: the AWS credentials that `up` had, the manager that they are good for, and the
// certificate for the cluster's server that the manager, or whoever else bbf.yaml names, gives.
package access

import (
	"context"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/authenticators"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// Cluster is a cluster as `up` found it.
type Cluster struct {
	Name        string      `json:"name"`
	Region      string      `json:"region"`
	Bucket      string      `json:"bucket"`
	FunctionURL string      `json:"functionUrl"` // of the manager
	Auth        schema.Auth `json:"auth"`        // a folder in it is absolute
}

// ClusterOf takes what is needed from the configuration of the workspace at root.
func ClusterOf(c *schema.Config, root, functionURL string) Cluster {
	auth := c.Auth
	if s := auth.Simple; s != nil && s.Folder != "" && !filepath.IsAbs(s.Folder) {
		auth.Simple = &schema.SimpleAuth{Folder: filepath.Join(root, s.Folder)}
	}
	return Cluster{Name: c.Cluster, Region: c.AWS.Region, Bucket: c.AWS.Bucket, FunctionURL: functionURL, Auth: auth}
}

// Open returns the manager, and who gives certificates. It makes no call. What is wrong with the environment shows when credentials are needed,
// again and again until it is mended.
func Open(ctx context.Context, c Cluster, e Environment) (*Manager, certificates.Authenticator, error) {
	credentials := newCredentials(e, c.Region)
	cfg, err := e.Load(ctx, c.Region)
	if err != nil {
		cfg = aws.Config{Region: c.Region}
	}
	cfg.Credentials = credentials
	m := &Manager{
		client:      &manager.Client{URL: c.FunctionURL, Region: c.Region, Credentials: credentials, HTTP: manager.NewHTTP()},
		credentials: credentials,
		environment: e,
	}
	config := &schema.Config{Cluster: c.Name, AWS: schema.AWS{Region: c.Region, Bucket: c.Bucket}, Auth: c.Auth}
	schema.Defaults(config)
	from, err := authenticators.Open(config, authenticators.Environment{AWS: cfg, Manager: m, Workspace: "/", CFSSLKey: e[cfsslKey]})
	return m, from, err
}
