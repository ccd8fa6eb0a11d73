package main

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/authenticators"
	"github.com/bbf-build/bbf/infra/certificates/issued"
	"github.com/bbf-build/bbf/infra/certificates/simple"
)

// identity gets the gateway's certificate, keeps it up to date, and watches who is revoked.
func (o *options) identity(ctx context.Context, cfg aws.Config, log *slog.Logger) (
	source certificates.Source, guard func(*x509.Certificate, func(error)) func(), err error,
) {
	from, err := o.authenticator(cfg)
	if err != nil {
		return nil, nil, err
	}
	m, _ := askMetadata(ctx) // outside of ECS the host's name does
	id := certificates.Identity{Cluster: o.cluster.Cluster, Role: o.role, Name: taskName(m)}
	keeper := certificates.NewKeeper(from, id, certificates.KeeperOptions{
		Hosts:  []string{o.address},
		Failed: func(s certificates.KeptState) { log.Error("no certificate", "error", s.Err, "until", s.NotAfter) },
	})
	go keeper.Run(ctx)
	// Only the server is called by people. A worker's role, which actions might get hold of, needs no right to read the list.
	if o.cluster.AWS.Bucket == "" || o.role != certificates.RoleServer {
		return keeper, nil, nil
	}
	revocations := certificates.NewRevocations(keeper, authenticators.Bucket(&o.cluster, cfg).Revoked)
	go revocations.Run(ctx, time.Minute, func(err error) { log.Error("who is revoked isn't known", "error", err) })
	return revocations, revocations.Guard, nil
}

// authenticator is the one of the cluster's configuration.
func (o *options) authenticator(cfg aws.Config) (certificates.Authenticator, error) {
	if o.certificates != "" {
		return simple.New(simple.Folder(o.certificates)), nil
	}
	return authenticators.Open(&o.cluster, authenticators.Environment{
		AWS: cfg, Manager: manager(cfg), CFSSLKey: os.Getenv("BBF_CFSSL_KEY"),
	})
}

// manager calls the Lambda function at BBF_MANAGER_URL. For tests with a stand-in of AWS, in which its name means nothing, BBF_DIAL_OVERRIDE is the
// HOST:PORT that is dialled in its place, without TLS.
func manager(cfg aws.Config) *issued.Client {
	c := &issued.Client{URL: os.Getenv("BBF_MANAGER_URL"), Region: cfg.Region, Credentials: cfg.Credentials, HTTP: &http.Client{Timeout: 30 * time.Second}}
	if address := os.Getenv("BBF_DIAL_OVERRIDE"); address != "" {
		c.URL = strings.Replace(c.URL, "https://", "http://", 1)
		c.HTTP.Transport = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}}
	}
	return c
}
