package aws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/manager/state"
	"github.com/bbf-build/bbf/infra/testing/standin"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws"
	"github.com/bbf-build/bbf/tools/cluster/aws/deploy"
)

// seen is the digest that a workspace remembers.
func seen(t *testing.T, root string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, ".bbf", "aws.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Seen string }
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m.Seen
}

func TestUpRemembersWhatItIsInStepWith(t *testing.T) {
	c, root := newCloud(t, status(api.StateUp, 1, 2)), t.TempDir()
	up := func() {
		t.Helper()
		if _, err := c.cluster(t, root).Up(t.Context(), aws.UpRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	c.deployed = &state.Deployed{Config: *c.config(), By: ann, At: time.Now()}
	c.deployed.Config.Workers.Max = 40
	if up(); seen(t, root) != "" {
		t.Errorf("another configuration is remembered: %s", seen(t, root))
	}
	c.deployed.Config.Workers.Max = c.config().Workers.Max
	if up(); seen(t, root) == "" || address(t, root) == "" {
		t.Error("nothing is remembered")
	}
}

// Two workspaces of one cluster: each may change what it knows, whoever deployed it, and not what it doesn't.
func TestTwoWorkspaces(t *testing.T) {
	c, here, there := standin.Start(t, standin.Options{}), t.TempDir(), t.TempDir()
	setUp(t, c, here)
	deployed := func(root string, most int) error {
		config := (&cloud{}).config()
		config.AWS.Region, config.Workers.Max = c.Region, most
		_, err := aws.New(t.Context(), config, root, c.Config(c.Root())).Setup(t.Context(), aws.SetupRequest{SetupRequest: deploy.SetupRequest{Manager: program(t)}})
		return err
	}
	first := seen(t, here)
	if err := deployed(here, 11); err != nil || seen(t, here) == first {
		t.Errorf("a change of what this workspace has deployed: %v", err)
	}
	if err := deployed(there, 12); err != nil {
		t.Errorf("the same person in a workspace that remembers nothing: %v", err)
	}
	err := deployed(here, 13)
	if err == nil || !strings.Contains(err.Error(), "workers.max 13 here, 12 there") || !strings.Contains(cluster.Next(err), "--force") {
		t.Errorf("a change of what this workspace doesn't know: %v; next: %s", err, cluster.Next(err))
	}
	if err := deployed(here, 12); err != nil || seen(t, here) != seen(t, there) {
		t.Errorf("the same: %v", err)
	}
	if err := deployed(here, 13); err != nil {
		t.Errorf("a change of what this workspace knows now: %v", err)
	}
}
