package ci_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation"
	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/aws/ci"
)

func TestWrite(t *testing.T) {
	for _, p := range providers {
		t.Run("WhenThereIsNone/"+p, func(t *testing.T) {
			root := t.TempDir()
			path, changed, err := workflow(p).Write(root)
			if err != nil || !changed {
				t.Fatalf("changed %v, %v", changed, err)
			}
			text, err := os.ReadFile(filepath.Join(root, path))
			if err != nil || !strings.HasPrefix(string(text), ci.Marker) {
				t.Errorf("%s: %q, %v", path, text, err)
			}
			if workflow(p).Next() == "" {
				t.Error("it doesn't say what comes next")
			}
		})
	}
	t.Run("WhenItIsAsItShouldBe", func(t *testing.T) {
		root := t.TempDir()
		workflow(cloudformation.GitHub).Write(root)
		if _, changed, err := workflow(cloudformation.GitHub).Write(root); changed || err != nil {
			t.Errorf("changed %v, %v", changed, err)
		}
	})
	t.Run("WhenTheRoleIsAnother", func(t *testing.T) {
		root := t.TempDir()
		workflow(cloudformation.GitHub).Write(root)
		w := workflow(cloudformation.GitHub)
		w.RoleARN += "-2"
		path, changed, err := w.Write(root)
		text, _ := os.ReadFile(filepath.Join(root, path))
		if !changed || err != nil || !strings.Contains(string(text), "acme-ci-2") {
			t.Errorf("changed %v, %v", changed, err)
		}
	})
	t.Run("WhenTheFileIsSomebodyElses", func(t *testing.T) {
		root := t.TempDir()
		path := filepath.Join(root, ".buildkite", "pipeline.yml")
		os.MkdirAll(filepath.Dir(path), 0o777)
		os.WriteFile(path, []byte("steps: []\n"), 0o666)
		_, _, err := workflow(cloudformation.Buildkite).Write(root)
		if err == nil || !strings.Contains(err.Error(), "bbf didn't write it") || cluster.Next(err) == "" {
			t.Errorf("Write says %v, next %q", err, cluster.Next(err))
		}
		if text, _ := os.ReadFile(path); string(text) != "steps: []\n" {
			t.Errorf("it is %q now", text)
		}
	})
}
