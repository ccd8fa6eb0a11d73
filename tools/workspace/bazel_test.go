package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/bbf-build/bbf/tools/workspace"
)

func TestParseBazel(t *testing.T) {
	for s, want := range map[string]string{
		"7.7.1":                        "7.7.1",
		"bazel 8.4.2\n":                "8.4.2",
		"release 9.1.0":                "9.1.0",
		"9.0.0-pre.20250801.1":         "9.0.0",
		"":                             "unknown",
		"latest":                       "unknown",
		"7.x":                          "unknown",
		"no version":                   "unknown",
		"bazel no_version":             "unknown",
		"99999999999999999999.1.1":     "unknown",
		"Version information is 1.2.3": "unknown",
	} {
		if got := workspace.ParseBazel(s).String(); got != want {
			t.Errorf("ParseBazel(%q) = %s, want %s", s, got, want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	b := workspace.Bazel{Major: 9, Minor: 1}
	if !b.AtLeast(9, 1) || !b.AtLeast(8, 7) || b.AtLeast(9, 2) || b.AtLeast(10, 0) || (workspace.Bazel{}).AtLeast(0, 0) {
		t.Fatal("wrong order")
	}
}

func TestFindBazel(t *testing.T) {
	base := realTemp(t)
	write(t, filepath.Join(base, "install", "build-label.txt"), "8.4.2")
	bin := filepath.Join(base, "execroot", "_main", "bazel-out", "k8", "bin", "bbf")
	write(t, bin, "")

	t.Run("WhenBazelRunStartedUs", func(t *testing.T) {
		w := workspace.Workspace{Root: t.TempDir()}
		if b := workspace.FindBazel(context.Background(), w, bin); b.String() != "8.4.2" {
			t.Fatal(b)
		}
	})

	t.Run("WhenTheWorkspaceWasBuilt", func(t *testing.T) {
		w := workspace.Workspace{Root: t.TempDir()}
		if err := os.Symlink(filepath.Join(base, "execroot", "_main", "bazel-out"), w.Path("bazel-out")); err != nil {
			t.Fatal(err)
		}
		if b := workspace.FindBazel(context.Background(), w, "/usr/bin/bbf"); b.String() != "8.4.2" {
			t.Fatal(b)
		}
	})

	t.Run("WhenOnlyTheProgramKnows", func(t *testing.T) {
		fake := filepath.Join(t.TempDir(), "bazel")
		if err := os.WriteFile(fake, []byte("#!/bin/sh\necho bazel 7.6.5\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("BAZEL_REAL", fake)
		w := workspace.Workspace{Root: t.TempDir()}
		if b := workspace.FindBazel(context.Background(), w, "/usr/bin/bbf"); b.String() != "7.6.5" {
			t.Fatal(b)
		}
	})

	t.Run("WhenNobodyKnows", func(t *testing.T) {
		t.Setenv("BAZEL_REAL", "/nonexistent/bazel")
		w := workspace.Workspace{Root: t.TempDir()}
		if b := workspace.FindBazel(context.Background(), w, "/usr/bin/bbf"); b.Known() {
			t.Fatal(b)
		}
	})
}
