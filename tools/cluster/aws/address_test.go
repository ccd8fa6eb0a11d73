package aws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/tools/cluster"
)

func TestManagerIsLookedUpOnce(t *testing.T) {
	c, root := newCloud(t, status(api.StateUp, 1, 2)), t.TempDir()
	for range 2 {
		if s, err := c.cluster(t, root).Status(t.Context()); err != nil || s.State != api.StateUp {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	if c.lookUps != 1 {
		t.Errorf("looked up %d times", c.lookUps)
	}
}

func TestManagerThatMoved(t *testing.T) {
	c, root := newCloud(t, status(api.StateUp, 1, 2)), t.TempDir()
	c.remember(t, root, c.URL+"/gone/")
	if s, err := c.cluster(t, root).Status(t.Context()); err != nil || s.State != api.StateUp || c.lookUps != 1 {
		t.Errorf("%+v, %v after %d look-ups", s, err, c.lookUps)
	}
}

func TestManagerThatIsGone(t *testing.T) {
	c, root := newCloud(t, status(api.StateUp, 1, 2)), t.TempDir()
	c.noStack = true
	c.remember(t, root, c.URL+"/gone/")
	_, err := c.cluster(t, root).Status(t.Context())
	if err == nil || !strings.Contains(err.Error(), "isn't set up") || cluster.Next(err) != "bbf setup" {
		t.Errorf("%v; next: %s", err, cluster.Next(err))
	}
	if _, err := os.Stat(filepath.Join(root, ".bbf", "aws.json")); err == nil {
		t.Error("the address is still kept")
	}
}

func TestRefusedCallerIsTold(t *testing.T) {
	c, root := newCloud(t, status(api.StateUp, 1, 2)), t.TempDir()
	c.URL += "/gone" // the stack says the same address
	c.remember(t, root, c.URL+"/manager/")
	_, err := c.cluster(t, root).Status(t.Context())
	if err == nil || !strings.Contains(err.Error(), "needs lambda:InvokeFunctionUrl") {
		t.Errorf("%v", err)
	}
}

// address is the Function URL that a workspace remembers.
func address(t *testing.T, root string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, ".bbf", "aws.json"))
	if err != nil {
		t.Fatal(err)
	}
	var a struct{ FunctionURL string }
	if err := json.Unmarshal(data, &a); err != nil || a.FunctionURL == "" {
		t.Fatalf("%s, %v", data, err)
	}
	return a.FunctionURL
}
