package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/bucket"
	"github.com/bbf-build/bbf/infra/certificates/simple"
)

// identity gets the gateway's certificate, keeps it up to date, and watches who is revoked.
func (o *options) identity(ctx context.Context, cfg aws.Config, client *s3.Client, log *slog.Logger) (
	certificates.Source, func(*x509.Certificate, func(error)) func(), error,
) {
	from, err := o.authenticator(cfg, client)
	if err != nil {
		return nil, nil, err
	}
	m, _ := askMetadata(ctx)
	id := certificates.Identity{Cluster: o.cluster.Cluster, Role: o.role, Name: taskName(m)}
	keeper := certificates.NewKeeper(from, id, certificates.KeeperOptions{
		Hosts:  []string{o.address},
		Failed: func(s certificates.KeptState) { log.Error("no certificate", "error", s.Err, "until", s.NotAfter) },
	})
	go keeper.Run(ctx)
	if o.bucket == "" || o.role != certificates.RoleServer {
		return keeper, nil, nil
	}
	revocations := certificates.NewRevocations(keeper, bucket.New(client, o.bucket, o.cluster.Cluster).Revoked)
	go revocations.Run(ctx, time.Minute, func(err error) { log.Error("who is revoked can't be read", "error", err) })
	return revocations, revocations.Guard, nil
}

// authenticator is the one of the cluster's configuration.
func (o *options) authenticator(cfg aws.Config, client *s3.Client) (certificates.Authenticator, error) {
	auth := o.cluster.Auth
	switch {
	case o.certificates != "":
		return simple.New(simple.Folder(o.certificates)), nil
	case auth.Simple != nil:
		return simple.New(bucket.New(client, o.bucket, o.cluster.Cluster)), nil
	}
	return nil, errors.New("the authenticator isn't known")
}
