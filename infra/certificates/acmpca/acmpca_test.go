package acmpca_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsacmpca "github.com/aws/aws-sdk-go-v2/service/acmpca"
	"github.com/aws/aws-sdk-go-v2/service/acmpca/types"

	"github.com/bbf-build/bbf/infra/certificates"
	"github.com/bbf-build/bbf/infra/certificates/acmpca"
)

var (
	alice  = certificates.Identity{Cluster: "acme", Role: certificates.RoleBuilder, Name: "arn:aws:sts::123456789012:assumed-role/Builders/alice"}
	server = certificates.Identity{Cluster: "acme", Role: certificates.RoleServer, Name: "0123456789abcdef"}
)

// root makes an authority that has signed itself, as the console does in one go.
func root(t *testing.T, client *awsacmpca.Client) string {
	t.Helper()
	ctx := t.Context()
	made, err := client.CreateCertificateAuthority(ctx, &awsacmpca.CreateCertificateAuthorityInput{
		CertificateAuthorityType: types.CertificateAuthorityTypeRoot,
		CertificateAuthorityConfiguration: &types.CertificateAuthorityConfiguration{
			KeyAlgorithm: types.KeyAlgorithmRsa2048, SigningAlgorithm: types.SigningAlgorithmSha256withrsa,
			Subject: &types.ASN1Subject{CommonName: aws.String("acme builds")},
		}})
	if err != nil {
		t.Fatal(err)
	}
	arn := made.CertificateAuthorityArn
	csr, err := client.GetCertificateAuthorityCsr(ctx, &awsacmpca.GetCertificateAuthorityCsrInput{CertificateAuthorityArn: arn})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := client.IssueCertificate(ctx, &awsacmpca.IssueCertificateInput{
		CertificateAuthorityArn: arn, Csr: []byte(*csr.Csr), SigningAlgorithm: types.SigningAlgorithmSha256withrsa,
		TemplateArn: aws.String("arn:aws:acm-pca:::template/RootCACertificate/V1"),
		Validity:    &types.Validity{Type: types.ValidityPeriodTypeYears, Value: aws.Int64(1)}})
	if err != nil {
		t.Fatal(err)
	}
	own, err := client.GetCertificate(ctx, &awsacmpca.GetCertificateInput{CertificateAuthorityArn: arn, CertificateArn: issued.CertificateArn})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ImportCertificateAuthorityCertificate(ctx, &awsacmpca.ImportCertificateAuthorityCertificateInput{
		CertificateAuthorityArn: arn, Certificate: []byte(*own.Certificate)}); err != nil {
		t.Fatal(err)
	}
	return *arn
}

// watched remembers what was asked for, and says at first that a certificate isn't there yet, as AWS does and moto doesn't.
type watched struct {
	*awsacmpca.Client
	issue *awsacmpca.IssueCertificateInput
	early int
}

func (w *watched) IssueCertificate(ctx context.Context, in *awsacmpca.IssueCertificateInput, o ...func(*awsacmpca.Options)) (*awsacmpca.IssueCertificateOutput, error) {
	w.issue, w.early = in, 2
	return w.Client.IssueCertificate(ctx, in, o...)
}

func (w *watched) GetCertificate(ctx context.Context, in *awsacmpca.GetCertificateInput, o ...func(*awsacmpca.Options)) (*awsacmpca.GetCertificateOutput, error) {
	if w.early--; w.early >= 0 {
		return nil, &types.RequestInProgressException{}
	}
	return w.Client.GetCertificate(ctx, in, o...)
}

func get(t *testing.T, from certificates.Authenticator, id certificates.Identity, hosts ...string) (*certificates.Bundle, error) {
	t.Helper()
	k := certificates.NewKeeper(from, id, certificates.KeeperOptions{Hosts: hosts})
	if err := k.Renew(t.Context()); err != nil {
		return nil, err
	}
	return k.Current()
}

func TestPrivateCA(t *testing.T) {
	client := awsacmpca.New(awsacmpca.Options{Region: "eu-west-1", BaseEndpoint: aws.String(serve(t)),
		Credentials: credentials.NewStaticCredentialsProvider("testing", "testing", "")})
	w := &watched{Client: client}
	from := &acmpca.Authenticator{Client: w, ARN: root(t, client), Validity: 12 * time.Hour}

	s, err := get(t, from, server, "10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	if s.Identity != server || s.Certificate.Leaf.VerifyHostname("10.0.0.7") != nil {
		t.Errorf("got %v for %v", s.Identity, s.Certificate.Leaf.IPAddresses)
	}
	if arn := *w.issue.TemplateArn; arn != "arn:aws:acm-pca:::template/EndEntityCertificate/V1" {
		t.Errorf("a server asks for %s", arn)
	}
	c, err := get(t, from, alice)
	if err != nil {
		t.Fatal(err)
	}
	if arn := *w.issue.TemplateArn; arn != "arn:aws:acm-pca:::template/EndEntityClientAuthCertificate/V1" {
		t.Errorf("a builder asks for %s", arn)
	}
	// moto takes no notice of the validity, so look at what was asked for.
	if v := w.issue.Validity; v.Type != types.ValidityPeriodTypeAbsolute || time.Until(time.Unix(*v.Value, 0)).Round(time.Minute) != 12*time.Hour {
		t.Errorf("asked for %v %d", v.Type, *v.Value)
	}
	if a := w.issue.SigningAlgorithm; a != types.SigningAlgorithmSha256withrsa {
		t.Errorf("asked for %s", a)
	}
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- tls.Server(there, certificates.ServerTLS(s, "acme", nil)).Handshake() }()
	if err := tls.Client(here, certificates.ClientTLS(c, "acme", certificates.RoleServer)).Handshake(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}

	t.Run("AnAuthorityThatIsNone", func(t *testing.T) {
		none := &acmpca.Authenticator{Client: client, ARN: strings.Replace(from.ARN, "authority/", "authority/0", 1), Validity: time.Hour}
		if _, err := get(t, none, alice); err == nil || !strings.Contains(err.Error(), none.ARN) || !strings.Contains(err.Error(), "ResourceNotFound") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("AnAuthorityWithoutACertificate", func(t *testing.T) {
		made, err := client.CreateCertificateAuthority(t.Context(), &awsacmpca.CreateCertificateAuthorityInput{
			CertificateAuthorityType: types.CertificateAuthorityTypeRoot,
			CertificateAuthorityConfiguration: &types.CertificateAuthorityConfiguration{
				KeyAlgorithm: types.KeyAlgorithmRsa2048, SigningAlgorithm: types.SigningAlgorithmSha256withrsa, Subject: &types.ASN1Subject{}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := get(t, &acmpca.Authenticator{Client: client, ARN: *made.CertificateAuthorityArn, Validity: time.Hour}, alice); err == nil {
			t.Error("it signs")
		}
	})
}

// signer answers with a given authority's certificate, and what it is asked to issue it doesn't.
type signer struct {
	acmpca.API
	certificate string
	asked       types.SigningAlgorithm
}

func (s *signer) GetCertificateAuthorityCertificate(context.Context, *awsacmpca.GetCertificateAuthorityCertificateInput, ...func(*awsacmpca.Options)) (*awsacmpca.GetCertificateAuthorityCertificateOutput, error) {
	return &awsacmpca.GetCertificateAuthorityCertificateOutput{Certificate: &s.certificate}, nil
}

func (s *signer) IssueCertificate(_ context.Context, in *awsacmpca.IssueCertificateInput, _ ...func(*awsacmpca.Options)) (*awsacmpca.IssueCertificateOutput, error) {
	s.asked = in.SigningAlgorithm
	return nil, &types.LimitExceededException{Message: aws.String("too many")}
}

func TestECDSAAuthority(t *testing.T) {
	a, err := certificates.NewAuthority("acme", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := a.PEM()
	s := &signer{certificate: string(cert)}
	if _, err := get(t, &acmpca.Authenticator{Client: s, ARN: "arn:aws:acm-pca:x", Validity: time.Hour}, alice); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("got %v", err)
	}
	if s.asked != types.SigningAlgorithmSha256withecdsa {
		t.Errorf("asked for %s", s.asked)
	}
}
