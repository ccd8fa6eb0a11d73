package ci_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/ci"
)

var update = flag.Bool("update", false, "write the golden files")

func workflow(provider string) ci.Workflow {
	c := &schema.Config{Cluster: "acme", AWS: schema.AWS{Region: "eu-west-1"}}
	return ci.Workflow{Config: c, CI: cloudformation.CI{Provider: provider}, RoleARN: "arn:aws:iam::111122223333:role/acme-ci"}
}

var providers = []string{cloudformation.GitHub, cloudformation.GitLab, cloudformation.Buildkite}

func TestFile(t *testing.T) {
	for _, p := range providers {
		t.Run(p, func(t *testing.T) {
			_, text, err := workflow(p).File()
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", p+".yml")
			if *update {
				if err := os.WriteFile(golden, text, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != string(want) {
				t.Errorf("it isn't as %s (go test -update writes that):\n%s", golden, text)
			}
			if strings.Contains(string(text), "AWS_SECRET_ACCESS_KEY") || strings.Contains(string(text), "aws-access-key-id") {
				t.Error("it has a long-lived key")
			}
		})
	}
	t.Run("WhenTheProviderIsUnknown", func(t *testing.T) {
		_, _, err := workflow("jenkins").File()
		if err == nil || !strings.Contains(cluster.Next(err), "--provider=github") {
			t.Errorf("File says %v, next %q", err, cluster.Next(err))
		}
	})
}

// parse reads a file as its service would, strictly: a key twice is an error.
func parse[T any](t *testing.T, p string) (f T) {
	t.Helper()
	_, text, err := workflow(p).File()
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		t.Fatalf("%s can't be read: %v", p, err)
	}
	return f
}

func inOrder(t *testing.T, script string, want ...string) {
	t.Helper()
	for _, w := range want {
		_, rest, found := strings.Cut(script, w)
		if !found {
			t.Fatalf("%q doesn't come where it should, in:\n%s", w, script)
		}
		script = rest
	}
}

var commands = []string{"bazel run @bbf//:up", "bazel build --config=bbf -- //...", "bazel test --config=bbf -- //..."}

func TestGitHubsFileIsValid(t *testing.T) {
	type step struct {
		Name string
		Uses string
		Run  string
		With map[string]any
	}
	f := parse[struct {
		Name        string
		On          map[string]any
		Permissions map[string]string
		Concurrency map[string]any
		Env         map[string]string
		Jobs        map[string]struct {
			If      string
			RunsOn  string `yaml:"runs-on"`
			Timeout int    `yaml:"timeout-minutes"`
			Steps   []step
		}
	}](t, cloudformation.GitHub)
	if f.Permissions["id-token"] != "write" || f.Permissions["contents"] != "read" || len(f.Permissions) != 2 {
		t.Errorf("permissions: %v", f.Permissions)
	}
	if f.Concurrency["cancel-in-progress"] != true || f.On["push"] == nil {
		t.Errorf("concurrency %v, on %v", f.Concurrency, f.On)
	}
	script := ""
	for _, s := range f.Jobs["build"].Steps {
		if (s.Uses == "") == (s.Run == "") {
			t.Errorf("a step must use or run something: %+v", s)
		}
		if name, version, _ := strings.Cut(s.Uses, "@"); s.Uses != "" && !strings.HasPrefix(version, "v") {
			t.Errorf("%s isn't pinned by version", name)
		}
		if strings.HasPrefix(s.Uses, "aws-actions/") && s.With["role-to-assume"] != "arn:aws:iam::111122223333:role/acme-ci" {
			t.Errorf("credentials are for %v", s.With)
		}
		script += s.Uses + s.Run + "\n"
	}
	inOrder(t, script, append([]string{"actions/checkout@", "aws-actions/configure-aws-credentials@", "actions/cache@"}, commands...)...)
}

func TestGitLabsFileIsValid(t *testing.T) {
	f := parse[map[string]struct {
		Image         string
		Interruptible bool
		Timeout       string
		Rules         []map[string]string
		IDTokens      map[string]map[string]string `yaml:"id_tokens"`
		Variables     map[string]string
		Cache         map[string]any
		BeforeScript  []string `yaml:"before_script"`
		Script        []string
		AfterScript   []string `yaml:"after_script"`
	}](t, cloudformation.GitLab)
	job := f["bbf"]
	if job.IDTokens["BBF_ID_TOKEN"]["aud"] != workflow(cloudformation.GitLab).CI.Audience() {
		t.Errorf("tokens: %v", job.IDTokens)
	}
	for _, name := range []string{"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_REGION"} {
		if job.Variables[name] == "" {
			t.Errorf("the SDK's default chain needs %s", name)
		}
	}
	inOrder(t, strings.Join(append(job.BeforeScript, job.Script...), "\n"), append([]string{"$AWS_WEB_IDENTITY_TOKEN_FILE", "bazelisk@"}, commands...)...)
}

func TestBuildkitesFileIsValid(t *testing.T) {
	f := parse[struct {
		Env   map[string]string
		Steps []struct {
			Label   string
			Key     string
			If      string
			Timeout int `yaml:"timeout_in_minutes"`
			Env     map[string]string
			Command []string
			Plugins []map[string]map[string]any
		}
	}](t, cloudformation.Buildkite)
	step := f.Steps[0]
	if step.Plugins[0]["aws-assume-role-with-web-identity#v1.8.1"]["role-arn"] != "arn:aws:iam::111122223333:role/acme-ci" {
		t.Errorf("plugins: %v", step.Plugins)
	}
	inOrder(t, strings.Join(step.Command, "\n"), commands...)
}
