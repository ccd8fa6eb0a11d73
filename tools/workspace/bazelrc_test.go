package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/tools/workspace"
)

func TestAddImport(t *testing.T) {
	const line = workspace.ImportLine
	for _, c := range []struct{ name, before, after string }{
		{"WhenThereIsNothing", "", line + "\n"},
		{"WhenThereAreLines", "build --jobs=4\n", "build --jobs=4\n" + line + "\n"},
		{"WhenTheLastLineHasNoEnd", "build --jobs=4", "build --jobs=4\n" + line},
		{"WhenLinesEndLikeOnWindows", "a\r\nb\r\n", "a\r\nb\r\n" + line + "\r\n"},
		{"WhenLinesEndLikeOnWindowsAndTheLastDoesNot", "a\r\nb", "a\r\nb\r\n" + line},
		{"WhenTheLastLineGoesOn", "build \\\n", "build \\\n\n" + line + "\n"},
		{"WhenTheLastLineGoesOnWithoutAnEnd", "build \\", "build \\\n\n" + line + "\n"},
		{"WhenItIsPartOfALine", "build \\\n" + line + "\n", "build \\\n" + line + "\n" + line + "\n"},
		{"WhenItIsThere", "a\n" + line + "\nb\n", ""},
		{"WhenItIsThereInWindowsLines", "a\r\n" + line + "\r\n", ""},
		{"WhenItIsThereWithoutAnEnd", "a\n" + line, ""},
		{"WhenItIsThereInOtherSpacing", "\t try-import \t %workspace%/.bbf/bazelrc  \n", ""},
		{"WhenItIsAMustImport", "import %workspace%/.bbf/bazelrc\n", ""},
		{"WhenItIsAnAbsolutePath", "try-import /my/ws/.bbf/bazelrc\n", ""},
		{"WhenItIsAnUncleanPath", "try-import %workspace%/./.bbf//bazelrc\n", ""},
		{"WhenItIsQuoted", `try-import "%workspace%/.bbf/bazelrc"` + "\n", ""},
		{"WhenACommentFollows", line + " # for --config=bbf\n", ""},
		{"WhenItIsInAComment", "# " + line + "\n", "# " + line + "\n" + line + "\n"},
		{"WhenAnotherWorkspaceIsImported", "import /other/.bbf/bazelrc\n", "import /other/.bbf/bazelrc\n" + line + "\n"},
		{"WhenAnotherFileIsImported", "try-import %workspace%/.bbf/bazelrc.user\n", "try-import %workspace%/.bbf/bazelrc.user\n" + line + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, added := workspace.AddImport([]byte(c.before), "/my/ws")
			want := c.after
			if want == "" {
				want = c.before
			}
			if string(got) != want || added != (c.after != "") {
				t.Fatalf("AddImport(%q) = %q, %v; want %q", c.before, got, added, want)
			}
			if again, added := workspace.AddImport(got, "/my/ws"); added || string(again) != string(got) {
				t.Fatalf("a second time gives %q, %v", again, added)
			}
		})
	}
}

func FuzzAddImport(f *testing.F) {
	for _, s := range []string{"", "\n", "a", "a\r\n", `import "`, "import #", "try-import\t%workspace%/.bbf/bazelrc", "\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, added := workspace.AddImport([]byte(s), "/ws")
		if !strings.HasPrefix(string(once), s) {
			t.Fatalf("%q lost something: %q", s, once)
		}
		if !workspace.Imports(once, "/ws") {
			t.Fatalf("%q isn't imported in %q (added: %v)", workspace.ImportLine, once, added)
		}
		if twice, added := workspace.AddImport(once, "/ws"); added || string(twice) != string(once) {
			t.Fatalf("a second time changes %q to %q", once, twice)
		}
	})
}

func TestEnsureImport(t *testing.T) {
	t.Run("WhenThereIsNoFile", func(t *testing.T) {
		w := workspace.Workspace{Root: t.TempDir()}
		if added, err := w.EnsureImport(); err != nil || !added {
			t.Fatal(added, err)
		}
		if added, err := w.EnsureImport(); err != nil || added {
			t.Fatal(added, err)
		}
		if got := read(t, w.Path(".bazelrc")); got != workspace.ImportLine+"\n" {
			t.Fatalf("%q", got)
		}
	})

	t.Run("WhenItIsALink", func(t *testing.T) {
		w := workspace.Workspace{Root: t.TempDir()}
		target := filepath.Join(t.TempDir(), "shared.bazelrc")
		write(t, target, "build --jobs=4\n")
		if err := os.Chmod(target, 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, w.Path(".bazelrc")); err != nil {
			t.Fatal(err)
		}
		if added, err := w.EnsureImport(); err != nil || !added {
			t.Fatal(added, err)
		}
		fi, err := os.Lstat(w.Path(".bazelrc"))
		if err != nil || fi.Mode()&os.ModeSymlink == 0 {
			t.Fatalf("the link is gone: %v, %v", fi, err)
		}
		if got := read(t, target); got != "build --jobs=4\n"+workspace.ImportLine+"\n" {
			t.Fatalf("%q", got)
		}
		if fi, err := os.Stat(target); err != nil || fi.Mode().Perm() != 0o640 {
			t.Fatalf("the mode changed: %v, %v", fi.Mode(), err)
		}
	})

	t.Run("WhenItIsALinkToNowhere", func(t *testing.T) {
		w := workspace.Workspace{Root: t.TempDir()}
		if err := os.Symlink("nowhere", w.Path(".bazelrc")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.EnsureImport(); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Fatal(err)
		}
	})
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
