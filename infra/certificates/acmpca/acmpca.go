// Package acmpca is the authenticator that has certificates signed by AWS Private CA
// (https://docs.aws.amazon.com/privateca/latest/userguide/PcaIssueCert.html). Names come from the request, so that who may issue
// certificates with an authority may issue any: give a cluster an authority of its own, and keep people to the template
// EndEntityClientAuthCertificate/V1 with the condition acm-pca:TemplateArn, since what it makes can't stand for the server or a worker.
//
// Callers need acm-pca:IssueCertificate, GetCertificate and GetCertificateAuthorityCertificate.
package acmpca

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acmpca"
	"github.com/aws/aws-sdk-go-v2/service/acmpca/types"

	"github.com/bbf-build/bbf/infra/certificates"
)

// API is what is used of the SDK's client.
type API interface {
	IssueCertificate(context.Context, *acmpca.IssueCertificateInput, ...func(*acmpca.Options)) (*acmpca.IssueCertificateOutput, error)
	GetCertificate(context.Context, *acmpca.GetCertificateInput, ...func(*acmpca.Options)) (*acmpca.GetCertificateOutput, error)
	GetCertificateAuthorityCertificate(context.Context, *acmpca.GetCertificateAuthorityCertificateInput, ...func(*acmpca.Options)) (*acmpca.GetCertificateAuthorityCertificateOutput, error)
}

// Authenticator asks one authority.
type Authenticator struct {
	Client   API
	ARN      string        // of the authority
	Validity time.Duration // asked for; what comes may be valid for another time, and the certificate says for which
	Now      func() time.Time
}

// The templates, by whether the certificate also has to stand for a server.
const (
	bothEnds  = "template/EndEntityCertificate/V1"
	clientEnd = "template/EndEntityClientAuthCertificate/V1"
)

// issuing is how long AWS may take to issue a certificate; it is a second or two.
const issuing = 30 * time.Second

// Certificate has the authority sign the request, names included. It is trusted as such, and not the root above it, which may have signed other
// authorities that have nothing to do with the cluster.
func (a *Authenticator) Certificate(ctx context.Context, id certificates.Identity, csr []byte) (certPEM, authoritiesPEM []byte, err error) {
	authority, err := a.Client.GetCertificateAuthorityCertificate(ctx, &acmpca.GetCertificateAuthorityCertificateInput{CertificateAuthorityArn: &a.ARN})
	if err != nil {
		return nil, nil, a.failed(err)
	}
	algorithm, err := algorithm(aws.ToString(authority.Certificate))
	if err != nil {
		return nil, nil, a.failed(err)
	}
	template := clientEnd
	if id.Role.Task() {
		template = bothEnds
	}
	now := time.Now
	if a.Now != nil {
		now = a.Now
	}
	issued, err := a.Client.IssueCertificate(ctx, &acmpca.IssueCertificateInput{
		CertificateAuthorityArn: &a.ARN,
		Csr:                     csr,
		SigningAlgorithm:        algorithm,
		TemplateArn:             aws.String(fmt.Sprintf("arn:%s:acm-pca:::%s", partition(a.ARN), template)),
		// Spans are in days at least. A point of time can be had in seconds since 1970.
		Validity: &types.Validity{Type: types.ValidityPeriodTypeAbsolute, Value: aws.Int64(now().Add(a.Validity).Unix())},
	})
	if err != nil {
		return nil, nil, a.failed(err)
	}
	waiter := acmpca.NewCertificateIssuedWaiter(a.Client, func(o *acmpca.CertificateIssuedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 200*time.Millisecond, 3*time.Second
	})
	got, err := waiter.WaitForOutput(ctx, &acmpca.GetCertificateInput{CertificateAuthorityArn: &a.ARN, CertificateArn: issued.CertificateArn}, issuing)
	if err != nil {
		return nil, nil, a.failed(err)
	}
	return []byte(aws.ToString(got.Certificate)), []byte(aws.ToString(authority.Certificate)), nil
}

func (a *Authenticator) failed(err error) error {
	return fmt.Errorf("AWS Private CA, %s: %w", a.ARN, err)
}

func partition(arn string) string {
	if f := strings.Split(arn, ":"); len(f) > 1 && f[1] != "" {
		return f[1]
	}
	return "aws"
}

// algorithm is the one that goes with the authority's key.
func algorithm(authority string) (types.SigningAlgorithm, error) {
	block, _ := pem.Decode([]byte(authority))
	if block == nil {
		return "", errors.New("the authority has no certificate")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", err
	}
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return types.SigningAlgorithmSha256withrsa, nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return types.SigningAlgorithmSha256withecdsa, nil
		case elliptic.P384():
			return types.SigningAlgorithmSha384withecdsa, nil
		case elliptic.P521():
			return types.SigningAlgorithmSha512withecdsa, nil
		}
	}
	return "", fmt.Errorf("its key is of the kind %s, which TLS has no use for here", c.PublicKeyAlgorithm)
}
