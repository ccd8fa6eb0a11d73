package workspace_test

import (
	"testing"

	"github.com/bbf-build/bbf/tools/workspace"
)

func TestLeaks(t *testing.T) {
	for _, c := range []struct {
		name, text, flag string
		line             int
	}{
		{"WhenPATHIsPassedOn", "build --action_env=PATH\n", "--action_env=PATH", 1},
		{"WhenItIsTwoWords", "# c\nbuild --jobs=3 --action_env PATH\n", "--action_env=PATH", 2},
		{"WhenItIsForTools", "common --host_action_env=LD_LIBRARY_PATH\n", "--host_action_env=LD_LIBRARY_PATH", 1},
		{"WhenStrictIsOff", "build --noincompatible_strict_action_env\n", "--noincompatible_strict_action_env", 1},
		{"WhenItIsInOurConfig", "build:bbf --action_env=HOME\n", "--action_env=HOME", 1},
		{"WhenItIsInAnImport", "try-import %workspace%/more.bazelrc\n", "--action_env=CC", 3},
		{"WhenItIsInAnotherConfig", "build:dev --action_env=PATH\n", "", 0},
		{"WhenTheValueIsFixed", "build --action_env=PATH=/usr/bin:/bin\n", "", 0},
		{"WhenItIsAComment", "#build --action_env=PATH\nbuild # --action_env=PATH\n", "", 0},
		{"WhenATestWantsItsOwn", "test --test_env=DISPLAY\n", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			w := workspace.Workspace{Root: t.TempDir()}
			write(t, w.Path(".bazelrc"), c.text)
			write(t, w.Path("more.bazelrc"), "\n\nbuild --action_env=CC\nimport %workspace%/.bazelrc\n")
			leaks := workspace.Leaks(w)
			if c.flag == "" {
				if len(leaks) > 0 {
					t.Fatal(leaks)
				}
				return
			}
			if len(leaks) != 1 || leaks[0].Flag != c.flag || leaks[0].Line != c.line || leaks[0].Why == "" {
				t.Fatal(leaks)
			}
		})
	}
}

func TestRegistries(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	w := workspace.Workspace{Root: t.TempDir()}
	write(t, w.Path(".bazelrc"), "common --registry=file://%workspace%/r --registry https://example.com/ --jobs=2\ncommon:other --registry=x\n")
	got := workspace.Registries(w)
	if len(got) != 2 || got[0] != "--registry=file://"+w.Root+"/r" || got[1] != "--registry=https://example.com/" {
		t.Fatal(got)
	}
}
