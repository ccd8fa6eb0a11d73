package aws_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
	"github.com/bbf-build/bbf/tools/cluster/aws/manager"
)

// setUp deploys a cluster whose manager can be called, and does nothing: the calls of these tests don't reach it.
func setUp(t *testing.T, c *standin.Cloud, root string) *schema.Config {
	t.Helper()
	aws.SetSecond(20 * time.Millisecond)
	t.Setenv(manager.DialOverride, c.Host)
	config := (&cloud{}).config()
	config.AWS.Region = c.Region
	r := aws.SetupRequest{SetupRequest: deploy.SetupRequest{Manager: program(t)}}
	if _, err := aws.New(t.Context(), config, root, c.Config(c.Root())).Setup(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return config
}

func program(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "manager")
	if err := os.WriteFile(name, []byte("\x7fELF"), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWhoIsRefused(t *testing.T) {
	c, root := standin.Start(t, standin.Options{}), t.TempDir()
	config := setUp(t, c, root)
	builder := string(cloudformation.Policy(cloudformation.PolicyBuilder, config, c.AccountID))
	good := c.User(t, "builder", builder)
	wrong := good
	wrong.SecretAccessKey = "wrong"
	session := c.AssumeRole(t, c.Root(), c.Role(t, "builders", "", builder), "ann")
	c.ExpireSession(t, session)
	for name, test := range map[string]struct {
		keys       sdk.Credentials
		says, next string
	}{
		"WhoHasNoRights":            {c.User(t, "nobody"), "needs lambda:InvokeFunctionUrl", "docs/aws.md"},
		"WhoseSecretIsWrong":        {wrong, "the secret access key doesn't fit", "aws configure"},
		"WhoseSessionHasExpired":    {session, "your session has expired", "aws sso login"},
		"WhoIsUnknown":              {sdk.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, "AWS doesn't know these credentials", "AWS_PROFILE"},
		"WhoHasNoCredentialsAtAll":  {sdk.Credentials{}, "no AWS credentials found", "aws configure"},
		"WhoIsLetThroughToANothing": {good, "HTTP 502", "doctor"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := aws.New(t.Context(), config, root, c.Config(test.keys)).Status(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(cluster.Next(err), test.next) {
				t.Errorf("%v; next: %s", err, cluster.Next(err))
			}
		})
	}
	t.Run("WhoseClockIsWrong", func(t *testing.T) {
		a := address(t, root)
		m := manager.Client{URL: a, Region: c.Region, Credentials: c.Config(good).Credentials, HTTP: manager.NewHTTP(), Now: func() time.Time { return time.Now().Add(-390 * time.Second) }}
		_, err := m.Status(t.Context(), false)
		if err == nil || !strings.Contains(err.Error(), "the clock of this machine is 6m") || !strings.Contains(cluster.Next(err), "set the clock") {
			t.Errorf("%v; next: %s", err, cluster.Next(err))
		}
	})
}

func TestSetupWithoutRights(t *testing.T) {
	c := standin.Start(t, standin.Options{})
	config := (&cloud{}).config()
	config.AWS.Region = c.Region
	_, err := aws.New(t.Context(), config, t.TempDir(), c.Config(c.User(t, "nobody"))).Setup(t.Context(), aws.SetupRequest{SetupRequest: deploy.SetupRequest{Manager: program(t)}})
	if err == nil || !strings.Contains(err.Error(), "IAM refused: you need the permission ") || cluster.Next(err) == "" {
		t.Errorf("%v; next: %s", err, cluster.Next(err))
	}
}
