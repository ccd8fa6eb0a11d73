package standin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

func TestWebIdentity(t *testing.T) {
	cloud := standin.Start(t, standin.Options{})
	if got := deploy(t, cloud, "jobs", "jobs.yaml", nil); got.StackStatus != "CREATE_COMPLETE" {
		t.Fatalf("the stack is %s: %s", got.StackStatus, failures(t, cloud, "jobs"))
	}
	issuer := cloud.Issuer(t, "ci.example.com")
	role := "arn:aws:iam::123456789012:role/jobs"
	client := sts.NewFromConfig(cloud.Config(aws.Credentials{}))
	assume := func(token string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
		return client.AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: &role, RoleSessionName: aws.String("job-1"), WebIdentityToken: &token})
	}
	claims := func(sub, aud string) map[string]any { return map[string]any{"sub": sub, "aud": aud} }

	t.Run("AJobGetsTheRole", func(t *testing.T) {
		out, err := assume(issuer.Token(t, claims("repo:acme/widgets:pull_request", "sts.amazonaws.com")))
		if err != nil {
			t.Fatal(err)
		}
		keys := aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId,
			SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
		if got, want := whoIs(t, cloud, keys), "arn:aws:sts::123456789012:assumed-role/jobs/job-1"; got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	})
	stranger := cloud.Issuer(t, "elsewhere.example.com")
	forged := stranger.Token(t, map[string]any{"iss": "https://ci.example.com", "sub": "repo:acme/widgets:ref", "aud": "sts.amazonaws.com"})
	for situation, c := range map[string]struct{ token, code, words string }{
		"OfAnotherRepository": {issuer.Token(t, claims("repo:acme/other:pull_request", "sts.amazonaws.com")), "AccessDenied", "Not authorized"},
		"ForAnotherService":   {issuer.Token(t, claims("repo:acme/widgets:ref", "elsewhere")), "InvalidIdentityToken", "token audience"},
		"OfAnotherIssuer": {stranger.Token(t, claims("repo:acme/widgets:ref", "sts.amazonaws.com")), "InvalidIdentityToken",
			"No OpenIDConnect provider found in your account for https://elsewhere.example.com"},
		"WithAForgedToken": {forged, "InvalidIdentityToken", "signature is invalid"},
		"WithAnOldToken": {issuer.Token(t, map[string]any{"sub": "repo:acme/widgets:ref", "aud": "sts.amazonaws.com", "exp": 1}),
			"ExpiredTokenException", "Token expired"},
	} {
		t.Run("AJobIsRefused"+situation, func(t *testing.T) {
			_, err := assume(c.token)
			wantCode(t, err, c.code)
			if !strings.Contains(fmt.Sprint(err), c.words) {
				t.Errorf("%v doesn't say %q", err, c.words)
			}
		})
	}
	t.Run("TheProviderGoesWithItsStack", func(t *testing.T) {
		client := iam.NewFromConfig(cloud.RootConfig(t.Context()))
		get := &iam.GetOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: aws.String("arn:aws:iam::123456789012:oidc-provider/ci.example.com")}
		out, err := client.GetOpenIDConnectProvider(t.Context(), get)
		if err != nil || *out.Url != "ci.example.com" || len(out.ClientIDList) != 1 {
			t.Errorf("got %+v, %v", out, err)
		}
		if got := deploy(t, cloud, "again", "jobs.yaml", nil); got.StackStatus != "ROLLBACK_COMPLETE" {
			t.Errorf("a second provider of the same issuer: the stack is %s", got.StackStatus)
		}
		remove(t, cloud, "jobs")
		_, err = client.GetOpenIDConnectProvider(t.Context(), get)
		wantCode(t, err, "NoSuchEntity")
	})
}
