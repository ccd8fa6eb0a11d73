package access_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster/agent/access"
	"github.com/bbf-build/bbf/tools/cluster/agent/refuse"
	"github.com/bbf-build/bbf/tools/cluster/agent/testcluster"
)

// isolate hides this machine's credentials, and returns a folder for others.
func isolate(t *testing.T) string {
	t.Helper()
	for name := range access.EnvironmentOf(os.Environ()) {
		t.Setenv(name, "") // restores it behind the test
		os.Unsetenv(name)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return t.TempDir()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEnvironment(t *testing.T) {
	e := access.EnvironmentOf([]string{"HOME=/h", "AWS_PROFILE=dev", "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=a=b", "BBF_CFSSL_KEY=00", "AWSOME=1"})
	if want := (access.Environment{"AWS_PROFILE": "dev", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "a=b", "BBF_CFSSL_KEY": "00"}); !maps.Equal(e, want) {
		t.Errorf("%v", e)
	}
	public, missing := e.WithoutSecrets()
	if !missing || !maps.Equal(public, access.Environment{"AWS_PROFILE": "dev"}) {
		t.Errorf("%v", public)
	}
	if e.Profile() != "" || public.Profile() != "dev" {
		t.Error("keys come before a profile")
	}
}

func TestLoadLeavesTheProcessAsItWas(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "MINE")
	before := access.EnvironmentOf(os.Environ())
	cfg, err := access.Environment{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}.Load(t.Context(), "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := cfg.Credentials.Retrieve(t.Context()); err != nil || c.AccessKeyID != "AKIA" || cfg.Region != "eu-west-1" {
		t.Errorf("%+v, %v", c, err)
	}
	if after := access.EnvironmentOf(os.Environ()); !maps.Equal(before, after) {
		t.Errorf("%v became %v", before, after)
	}
}

// open returns a manager that is asked with the credentials of an environment.
func open(t *testing.T, c *testcluster.Cluster, e access.Environment) *access.Manager {
	t.Helper()
	m, _, err := access.Open(t.Context(), access.Cluster{Name: testcluster.Name, Region: "eu-west-1", FunctionURL: c.URL}, e)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestProfilesAreReadAgain(t *testing.T) {
	dir, c := isolate(t), testcluster.New(t)
	file := filepath.Join(dir, "credentials")
	e := access.Environment{"AWS_PROFILE": "dev", "AWS_SHARED_CREDENTIALS_FILE": file, "AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_EC2_METADATA_DISABLED": "true"}
	keys := func(id string) { write(t, file, "[dev]\naws_access_key_id="+id+"\naws_secret_access_key=s\n") }

	t.Run("WhenThereIsNone", func(t *testing.T) {
		write(t, file, "[other]\n")
		_, err := open(t, c, e).Status(t.Context(), false)
		r := refuse.Of(refuse.Explain("acme", err))
		if r.Code != codes.PermissionDenied || !strings.Contains(r.Words(), "dev") || !strings.Contains(r.Words(), "next: ") {
			t.Errorf("%v: %s", r.Code, r.Words())
		}
	})

	m := open(t, c, e)
	keys("AKIA")
	if _, err := m.Status(t.Context(), false); err != nil {
		t.Fatal(err)
	}

	t.Run("WhenTheKeysWereReplaced", func(t *testing.T) {
		c.Change(func(c *testcluster.Cluster) { c.Key = "AKIB" }) // the old one isn't good any more
		keys("AKIB")
		if _, err := m.Status(t.Context(), false); err != nil {
			t.Error(err)
		}
	})

	t.Run("WhenTheSessionHasEnded", func(t *testing.T) {
		c.Change(func(c *testcluster.Cluster) { c.Key = "AKIC" })
		_, err := m.Up(t.Context(), api.UpRequest{})
		if r := refuse.Of(refuse.Explain("acme", err)); r.Code != codes.PermissionDenied || !strings.Contains(r.Words(), "aws sso login --profile dev") {
			t.Errorf("%v: %s", r.Code, r.Words())
		}
	})

	t.Run("WhenTheKeysCameWithUp", func(t *testing.T) {
		m := open(t, c, access.Environment{"AWS_ACCESS_KEY_ID": "OLD", "AWS_SECRET_ACCESS_KEY": "s"})
		_, err := m.Status(t.Context(), false)
		if r := refuse.Of(refuse.Explain("acme", err)); !strings.Contains(r.Words(), "then bbf up, which hands it to the agent") {
			t.Error(r.Words())
		}
	})
}
