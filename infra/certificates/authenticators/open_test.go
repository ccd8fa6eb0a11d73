package authenticators_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/authenticators"
	"github.com/bbf-build/bbf/infra/certificates/simple"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
)

// stop is a network that nobody is in: the error tells where a call would have gone.
type stop struct{}

func (stop) Do(r *http.Request) (*http.Response, error) {
	return nil, errors.New("call of " + r.URL.Host + r.URL.Path)
}

type manager struct{}

func (manager) Certificate(context.Context, api.CertificateRequest) (api.CertificateReply, error) {
	return api.CertificateReply{}, errors.New("call of the manager")
}

func TestOpen(t *testing.T) {
	e := authenticators.Environment{Manager: manager{}, AWS: aws.Config{
		Region: "eu-west-1", HTTPClient: stop{}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}}
	here := e
	here.Workspace = t.TempDir()
	if err := simple.Make(t.Context(), simple.Folder(filepath.Join(here.Workspace, "certs")), simple.Options{Cluster: "acme", Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	folder := schema.Auth{Simple: &schema.SimpleAuth{Folder: "certs"}}
	for name, c := range map[string]struct {
		auth schema.Auth
		in   authenticators.Environment
		want string // in the error of the first call; "" for none
	}{
		"Default":           {schema.Auth{}, e, "call of the manager"},
		"Issued":            {schema.Auth{Issued: &schema.IssuedAuth{}}, e, "call of the manager"},
		"SimpleInTheBucket": {schema.Auth{Simple: &schema.SimpleAuth{}}, e, "call of acme-bucket.s3.eu-west-1.amazonaws.com/bbf/acme/certificates/builder.key"},
		"SimpleInAFolder":   {folder, here, ""},
		"SimpleInATask":     {folder, e, "/bbf/acme/certificates/builder.key"},
		"CFSSL":             {schema.Auth{CFSSL: &schema.CFSSLAuth{URL: "https://127.0.0.1:1"}}, e, "/bbf/acme/certificates/authorities.pem"},
		"PrivateCA":         {schema.Auth{ACMPCA: &schema.ACMPCAAuth{ARN: "arn:aws:acm-pca:x"}}, e, "/bbf/acme/certificates/authorities.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			config := &schema.Config{Cluster: "acme", AWS: schema.AWS{Region: "eu-west-1", Bucket: "acme-bucket"}, Auth: c.auth}
			schema.Defaults(config)
			a, err := authenticators.Open(config, c.in)
			if err != nil {
				t.Fatal(err)
			}
			k := certificates.NewKeeper(a, certificates.Identity{Cluster: "acme", Role: certificates.RoleBuilder, Name: "me"}, certificates.KeeperOptions{})
			err = k.Renew(t.Context())
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := authenticators.Open(&schema.Config{}, e); err == nil {
		t.Error("no authenticator is one")
	}
}
