package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
)

// layout collects what the registry must answer for and writes it.
type layout struct {
	out   string
	trees map[string]string          // module name → folder
	known map[string]map[string]bool // module name → versions
	texts map[dep]string             // MODULE.bazel of each version
	err   error
}

// need adds a version of a module and, from its tree's MODULE.bazel, everything behind it. A module that there is no tree of
// is left out: Bazel then says that no registry has it.
func (l *layout) need(d dep) {
	if l.err != nil || l.known[d.name][d.version] {
		return
	}
	tree := l.trees[d.name]
	if files, ok := stubs[d.name]; ok && tree == "" {
		tree, l.err = l.stub(d.name, files)
		if l.err != nil {
			return
		}
		l.trees[d.name] = tree
	}
	if tree == "" {
		return
	}
	text, err := os.ReadFile(filepath.Join(tree, "MODULE.bazel"))
	if err != nil {
		l.err = err
		return
	}
	if l.known == nil {
		l.known, l.texts = map[string]map[string]bool{}, map[dep]string{}
	}
	if l.known[d.name] == nil {
		l.known[d.name] = map[string]bool{}
	}
	l.known[d.name][d.version] = true
	l.texts[d] = stamped(string(text), d.version)
	for _, further := range depsIn(string(text), false) {
		l.need(further)
	}
}

// stub makes the tree of a module that only has to resolve.
func (l *layout) stub(name string, files map[string]string) (string, error) {
	tree := filepath.Join(l.out, "src", name)
	for path, content := range files {
		if err := writeFile(filepath.Join(tree, path), content); err != nil {
			return "", err
		}
	}
	if err := writeFile(filepath.Join(tree, "BUILD.bazel"), ""); err != nil {
		return "", err
	}
	return tree, writeFile(filepath.Join(tree, "MODULE.bazel"), stubModule(name))
}

// write lays the entries out; ones of earlier runs stay.
func (l *layout) write() error {
	if l.err != nil {
		return l.err
	}
	if err := writeFile(filepath.Join(l.out, "bazel_registry.json"), "{}\n"); err != nil {
		return err
	}
	for d, text := range l.texts {
		entry := filepath.Join(l.out, "modules", d.name, d.version)
		source, err := json.Marshal(map[string]string{"type": "local_path", "path": l.trees[d.name]})
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(entry, "MODULE.bazel"), text); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(entry, "source.json"), string(source)); err != nil {
			return err
		}
	}
	for name := range l.known {
		if err := l.writeMetadata(name); err != nil {
			return err
		}
	}
	return nil
}

// writeMetadata lists the versions that lie there, those of earlier runs among them.
func (l *layout) writeMetadata(name string) error {
	dir := filepath.Join(l.out, "modules", name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	versions := []string{}
	for _, e := range entries {
		if e.IsDir() {
			versions = append(versions, e.Name())
		}
	}
	sort.Strings(versions)
	data, err := json.Marshal(map[string][]string{"versions": versions})
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "metadata.json"), string(data))
}

// writeFile replaces a file at once (a Bazel may be reading the old one) and leaves an equal one untouched.
func writeFile(path, content string) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == content {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", []byte(content), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
