package workspace

import (
	"os"
	"path/filepath"
	"strings"
)

// eachFlag calls do for every flag in the rc files that Bazel reads for builds of the workspace with our config, as
// far as they can be read without Bazel: good enough for advice.
func eachFlag(w Workspace, do func(file string, line int, flag string)) {
	files := []string{"/etc/bazel.bazelrc", w.Path(".bazelrc")}
	if home, err := os.UserHomeDir(); err == nil {
		files = append(files, filepath.Join(home, ".bazelrc"))
	}
	seen := map[string]bool{}
	for _, f := range files {
		flagsOf(f, w.Root, seen, do)
	}
}

func flagsOf(file, root string, seen map[string]bool, do func(file string, line int, flag string)) {
	data, err := os.ReadFile(file)
	if err != nil || seen[file] { // one that can't be read is none that Bazel reads
		return
	}
	seen[file] = true
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if path, ok := importOf(line); ok {
			flagsOf(strings.ReplaceAll(path, "%workspace%", root), root, seen, do)
			continue
		}
		words := strings.Fields(line)
		if len(words) < 2 || strings.HasPrefix(words[0], "#") || !reaches(words[0]) {
			continue
		}
		for i, word := range words[1:] {
			if strings.HasPrefix(word, "#") {
				break
			}
			if strings.HasPrefix(word, "--") && !strings.Contains(word, "=") && i+2 < len(words) && !strings.HasPrefix(words[i+2], "-") {
				word += "=" + words[i+2] // --flag VALUE, in two words
			}
			do(file, n, word)
		}
	}
}

// reaches reports whether a line of an rc file is in effect for builds with our config.
func reaches(command string) bool {
	_, config, has := strings.Cut(command, ":")
	return !has || config == Config
}
