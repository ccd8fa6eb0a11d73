// Package authenticators chooses the authenticator that bbf.yaml names. It is apart from package certificates for the SDK's packages that come
// with it.
package authenticators

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsacmpca "github.com/aws/aws-sdk-go-v2/service/acmpca"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/acmpca"
	"github.com/bbf-build/bbf/infra/certificates/bucket"
	"github.com/bbf-build/bbf/infra/certificates/cfssl"
	"github.com/bbf-build/bbf/infra/certificates/issued"
	"github.com/bbf-build/bbf/infra/certificates/simple"
	"github.com/bbf-build/bbf/infra/schema"
)

// Environment is what the machine has that wants a certificate.
type Environment struct {
	AWS       aws.Config
	Manager   issued.Manager // for issued
	Workspace string         // for simple: the folder that auth.simple.folder is relative to; "" in a task, whose certificates are in the bucket
	CFSSLKey  string         // for cfssl: the key of the profile; "" for none
}

// Open makes no call.
func Open(c *schema.Config, e Environment) (certificates.Authenticator, error) {
	objects := Bucket(c, e.AWS)
	switch auth := c.Auth; {
	case auth.Simple != nil && auth.Simple.Folder != "" && e.Workspace != "":
		return simple.New(simple.Folder(filepath.Join(e.Workspace, auth.Simple.Folder))), nil
	case auth.Simple != nil:
		return simple.New(objects), nil
	case auth.Issued != nil:
		return issued.New(e.Manager), nil
	case auth.CFSSL != nil:
		return certificates.AlsoTrust(&cfssl.Authenticator{URL: auth.CFSSL.URL, Profile: auth.CFSSL.Profile, Key: e.CFSSLKey}, objects.Authorities), nil
	case auth.ACMPCA != nil:
		return certificates.AlsoTrust(&acmpca.Authenticator{
			Client: awsacmpca.NewFromConfig(e.AWS), ARN: auth.ACMPCA.ARN, Validity: time.Duration(auth.ACMPCA.Validity),
		}, objects.Authorities), nil
	}
	return nil, errors.New("the configuration doesn't say where certificates come from: auth in bbf.yaml is empty, and no default was filled in")
}

// Bucket is what the cluster's bucket has about certificates.
func Bucket(c *schema.Config, cfg aws.Config) *bucket.Objects {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
	return bucket.New(client, c.AWS.Bucket, c.Cluster)
}
