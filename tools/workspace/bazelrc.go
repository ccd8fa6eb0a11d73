package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ImportLine is the line that makes Bazel read .bbf/bazelrc, when it is there.
const ImportLine = "try-import %workspace%/" + Dir + "/bazelrc"

// Imports reports whether a .bazelrc imports the workspace's .bbf/bazelrc already, in whatever way it is written.
func Imports(bazelrc []byte, root string) bool {
	continued := false // a line that ends in a backslash takes the next one with it
	for line := range strings.Lines(string(bazelrc)) {
		path, ok := importOf(line)
		ok = ok && !continued
		continued = endsOpen(line)
		if ok {
			path = strings.ReplaceAll(path, "%workspace%", root)
			if filepath.IsAbs(path) && filepath.Clean(path) == filepath.Join(root, Dir, "bazelrc") {
				return true
			}
		}
	}
	return false
}

// endsOpen reports whether the line, or the file that ends in it, goes on in the next one.
func endsOpen(line string) bool {
	return strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), `\`)
}

// importOf returns what a line imports, with or without `try-`, spaces, tabs, quotes and a comment behind it.
func importOf(line string) (path string, ok bool) {
	line = strings.TrimSpace(line)
	verb, rest, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	if verb != "import" && verb != "try-import" {
		return "", false
	}
	rest = strings.TrimSpace(rest)
	if strings.HasPrefix(rest, `"`) {
		if end := strings.Index(rest[1:], `"`); end >= 0 {
			return rest[1 : 1+end], true
		}
		return "", false
	}
	path, _, _ = strings.Cut(rest, "#")
	return strings.TrimSpace(path), true
}

// AddImport returns the .bazelrc with the import at its end, in the file's own line endings, and whether it had to
// be added. A missing end of line at the end of the file stays missing.
func AddImport(bazelrc []byte, root string) ([]byte, bool) {
	if Imports(bazelrc, root) {
		return bazelrc, false
	}
	text, eol := string(bazelrc), "\n"
	if strings.Contains(text, "\r\n") {
		eol = "\r\n"
	}
	if text != "" && endsOpen(text) { // the import must not become a part of that line
		text = strings.TrimSuffix(text, eol) + eol + eol
	}
	switch {
	case text == "":
		text = ImportLine + eol
	case strings.HasSuffix(text, "\n"):
		text += ImportLine + eol
	default:
		text += eol + ImportLine
	}
	return []byte(text), true
}

// EnsureImport adds the import to the workspace's .bazelrc, which it makes if there is none, and reports whether it
// did. A .bazelrc that is a symbolic link stays one: the file behind it is changed.
func (w Workspace) EnsureImport() (added bool, err error) {
	path, mode := w.Path(".bazelrc"), fs.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	} else if link, e := os.Readlink(path); e == nil {
		return false, fmt.Errorf(".bazelrc is a symbolic link to %s, which can't be followed: %w", link, err)
	}
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("reading .bazelrc: %w", err)
	default:
		fi, err := os.Stat(path)
		if err != nil {
			return false, fmt.Errorf("reading .bazelrc: %w", err)
		}
		mode = fi.Mode().Perm()
	}
	text, added := AddImport(old, w.Root)
	if !added {
		return false, nil
	}
	if _, err := WriteFile(path, text, mode); err != nil {
		return false, fmt.Errorf("%w; add this line to it yourself: %s", err, ImportLine)
	}
	return true, nil
}
