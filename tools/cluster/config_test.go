package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/bbf-build/bbf/tools/cluster"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

func TestCheckConfig(t *testing.T) {
	for text, fine := range map[string]bool{
		"cluster: acme\n":             true,
		"backend: local\n":            true,
		"backend: \"local\" # here\n": true,
		"":                            false,
		"backend: localhost\n":        false,
		"cluster: acme\nbackend: aws\naws: {region: eu-west-1, bucket: acme-builds}\n": false,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, config.File), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		err := cluster.CheckConfig(dir)
		if (err == nil) != fine || err != nil && cluster.Next(err) == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := cluster.CheckConfig(t.TempDir()); err != nil {
		t.Errorf("without the file: %v", err)
	}
}

func TestNext(t *testing.T) {
	inner := errors.New("why")
	err := fmt.Errorf("what: %w", cluster.WithNext(inner, "do this"))
	if cluster.Next(err) != "do this" || !errors.Is(err, inner) || err.Error() != "what: why" || cluster.Next(inner) != "" {
		t.Fatal(err, cluster.Next(err))
	}
}

func TestCommand(t *testing.T) {
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", "")
	if got := cluster.Command("down", "--purge"); got != "bbf down --purge" {
		t.Error(got)
	}
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", "/ws")
	if got := cluster.Command("down", "--purge"); got != "bazel run @bbf//:down -- --purge" {
		t.Error(got)
	}
}
