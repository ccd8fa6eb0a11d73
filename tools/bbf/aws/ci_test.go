//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/aws"
)

const (
	issuer   = "token.actions.githubusercontent.com"
	workflow = ".github/workflows/bbf.yml"
	ciStack  = "acme-ci-github"
)

var forWidgets = []string{"ci", "--provider=github", "--repository=acme/widgets", "--yes"}

// ciResult is what `bbf ci --output=json` says.
type ciResult struct {
	Role, File, Next string
	Changed          bool
}

func TestCI(t *testing.T) {
	t.Parallel()
	k := newTeam(t)
	operator := k.operator()
	k.must(operator, "setup")
	var made ciResult
	k.json(operator, &made, forWidgets...)

	t.Run("TheWorkflowIsWrittenForTheRole", func(t *testing.T) {
		if made.File != workflow || !made.Changed || made.Next == "" || made.Role != "arn:aws:iam::123456789012:role/bbf-acme-eu-central-1-github" {
			t.Errorf("%+v", made)
		}
		if text := k.in(t).read(workflow); !strings.Contains(text, "role-to-assume: "+made.Role+"\n") {
			t.Errorf("the workflow is\n%s", text)
		}
	})
	t.Run("ASecondRunChangesNothing", func(t *testing.T) {
		k := k.in(t)
		before := k.events(ciStack)
		var again ciResult
		if k.json(operator, &again, forWidgets...); again.Changed || again.Role != made.Role {
			t.Errorf("%+v", again)
		}
		if now := k.events(ciStack); now != before {
			t.Errorf("the stack had %d events, and has %d", before, now)
		}
	})
	t.Run("AFileOfTheirOwnIsLeftAlone", func(t *testing.T) {
		k := k.in(t)
		k.write(workflow, "name: mine\n")
		_, errs, err := k.bbf(operator, forWidgets...)
		if err == nil || !strings.Contains(errs, "bbf didn't write it") || !strings.Contains(errs, "next: ") {
			t.Errorf("%v: %s", err, errs)
		}
		if text := k.read(workflow); text != "name: mine\n" {
			t.Errorf("it is\n%s", text)
		}
		if err := os.Remove(filepath.Join(k.dir, workflow)); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("Jobs", func(t *testing.T) { k.in(t).jobs(made.Role) })
	t.Run("TeardownTakesTheStackAndLeavesTheIdentityProvider", func(t *testing.T) {
		k := k.in(t)
		if out := k.must(operator, "teardown", "--yes", "--purge"); !strings.Contains(out, "gone      stack "+ciStack) {
			t.Error(out)
		}
		k.nothingIsLeft()
		if !k.trusts(issuer) {
			t.Error("others may need the identity provider, and it is gone")
		}
	})
	t.Run("ANewStackUsesTheIdentityProviderThatIsThere", func(t *testing.T) {
		k := k.in(t)
		k.must(operator, "setup")
		k.must(operator, forWidgets...)
		if !k.trusts(issuer) {
			t.Error("the identity provider is gone")
		}
	})
	t.Run("TheNextRunMakesAnIdentityProviderThatSomebodyDeleted", func(t *testing.T) {
		k := k.in(t)
		k.distrust(issuer)
		k.must(operator, forWidgets...)
		if !k.trusts(issuer) {
			t.Error("the identity provider is still gone")
		}
	})
}

// jobs have a token of the CI service instead of keys.
func (k *team) jobs(role string) {
	github := k.cloud.Issuer(k.T, issuer)
	token := func(sub, aud string) string { return github.Token(k.T, map[string]any{"sub": sub, "aud": aud}) }

	k.Run("OfTheRepositoryBringTheClusterUp", func(t *testing.T) {
		var up aws.UpResult
		k.in(t).withToken(role, token("repo:acme/widgets:ref:refs/heads/main", "sts.amazonaws.com")).json(sdk.Credentials{}, &up, "up", "--workers=1")
		if up.Workers.Running != 1 || up.Caller.Role != api.RoleBuilder || up.Caller.ARN != "arn:aws:sts::123456789012:assumed-role/bbf-acme-eu-central-1-github/acme-1" {
			t.Errorf("%+v", up)
		}
		if len(up.Notes) > 0 { // bbf.yaml was compared with what is deployed
			t.Errorf("notes %q", up.Notes)
		}
	})
	k.Run("OfTheRepositoryByItsNumbersBringItUpToo", func(t *testing.T) {
		k.in(t).withToken(role, token("repo:acme@12/widgets@34:pull_request", "sts.amazonaws.com")).must(sdk.Credentials{}, "up")
	})
	for situation, test := range map[string]struct{ sub, aud, says string }{
		"OfAnotherRepository": {"repo:acme/gadgets:ref:refs/heads/main", "sts.amazonaws.com", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"OfAnotherOwner":      {"repo:emca@12/widgets@34:pull_request", "sts.amazonaws.com", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"ForAnotherService":   {"repo:acme/widgets:pull_request", "https://github.com/acme", "Incorrect token audience"},
	} {
		k.Run(situation+"AreRefused", func(t *testing.T) {
			_, errs, err := k.in(t).withToken(role, token(test.sub, test.aud)).bbf(sdk.Credentials{}, "up")
			if err == nil || !strings.Contains(errs, test.says) {
				t.Errorf("%v: %s", err, errs)
			}
		})
	}
}

// withToken is the same workspace on a CI service's machine: the SDK finds a role and a file with a token, as in GitLab's jobs.
func (k *team) withToken(role, token string) *team {
	file := filepath.Join(k.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		k.Fatal(err)
	}
	job := *k
	job.env = []string{"AWS_ROLE_ARN=" + role, "AWS_ROLE_SESSION_NAME=acme-1", "AWS_WEB_IDENTITY_TOKEN_FILE=" + file}
	return &job
}

// in is the same for a subtest.
func (k *team) in(t *testing.T) *team {
	sub := *k
	sub.T = t
	return &sub
}

func (k *team) read(name string) string {
	k.Helper()
	data, err := os.ReadFile(filepath.Join(k.dir, name))
	if err != nil {
		k.Fatal(err)
	}
	return string(data)
}

// events is how many a stack has.
func (k *team) events(stack string) int {
	k.Helper()
	client := cloudformation.NewFromConfig(k.cloud.RootConfig(k.Context()))
	out, err := client.DescribeStackEvents(k.Context(), &cloudformation.DescribeStackEventsInput{StackName: &stack})
	if err != nil {
		k.Fatal(err)
	}
	return len(out.StackEvents)
}

func provider(issuer string) *string {
	return sdk.String("arn:aws:iam::123456789012:oidc-provider/" + issuer)
}

// trusts says whether the account has an identity provider for an issuer.
func (k *team) trusts(issuer string) bool {
	k.Helper()
	client := iam.NewFromConfig(k.cloud.RootConfig(k.Context()))
	_, err := client.GetOpenIDConnectProvider(k.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider(issuer)})
	if err != nil && !errors.As(err, new(*iamtypes.NoSuchEntityException)) {
		k.Fatal(err)
	}
	return err == nil
}

func (k *team) distrust(issuer string) {
	k.Helper()
	client := iam.NewFromConfig(k.cloud.RootConfig(k.Context()))
	if _, err := client.DeleteOpenIDConnectProvider(k.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider(issuer)}); err != nil {
		k.Fatal(err)
	}
}
