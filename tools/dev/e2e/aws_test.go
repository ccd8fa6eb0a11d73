//go:build linux

package e2e

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/testing/standin"
)

// TestAWS takes examples/aws from setup to teardown, in the AWS stand-in, with the programs that Bazel has built: that of the command with
// the AWS SDK in it, which the workspace gets for its bbf.yaml, and the manager's. What the verbs do is tested in tools/bbf/aws.
func TestAWS(t *testing.T) {
	m := newMachine(t)
	cloud := standin.Start(t, standin.Options{Images: map[string]standin.ImageCommand{"/": {Argv: []string{"sleep", "infinity"}}}})
	w := m.copyWorkspace(t, filepath.Join(m.repo, "examples", "aws"))
	w.env = cloud.Env(cloud.Root())
	w.replace(t, "bbf.yaml", "region: eu-west-1", "region: "+cloud.Region+"\n  architecture: "+map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH])
	t.Cleanup(func() { w.bazel(t, "shutdown") })

	setup := []string{"--yes"}
	for _, container := range []string{"server=", "redis=", "worker=", "gateway=", "health=CMD,true"} {
		setup = append(setup, "--command="+container)
	}
	for _, step := range []struct {
		verb string
		args []string
		says string
	}{
		{"setup", setup, "bbf is set up: cluster acme-builds"},
		{"up", []string{"--workers=2"}, "bbf is up: cluster acme-builds, 2 of 2 workers"},
		{"status", nil, "bbf is up: cluster acme-builds"},
		{"down", nil, "bbf is down"},
		{"teardown", []string{"--yes", "--purge"}, "cluster acme-builds is gone"},
	} {
		if r := w.verb(t, step.verb, step.args...); !strings.Contains(r.text, step.says) {
			t.Fatalf("%s doesn't say %q:\n%s", step.verb, step.says, r.text)
		}
	}
	if r := w.mustBazel(t, "build", "--config=bbf", "//..."); len(r.warnings()) > 0 {
		t.Errorf("--config=bbf isn't harmless: %q", r.warnings())
	}
}
