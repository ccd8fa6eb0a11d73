package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
)

// readModules returns the modules that go.mod requires, by path, with their hashes from go.sum. Since Go 1.17 go.mod names
// every module that building or testing the main module needs, so nothing is looked up.
func readModules(goMod, goSum string) ([]module, error) {
	edit := exec.Command("go", "mod", "edit", "-json", goMod)
	edit.Stderr = os.Stderr
	out, err := edit.Output()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", goMod, err)
	}
	var file struct{ Require []module }
	if err := json.Unmarshal(out, &file); err != nil {
		return nil, fmt.Errorf("reading %s: %w", goMod, err)
	}
	sums, err := readSums(goSum)
	if err != nil {
		return nil, err
	}
	var modules []module
	for _, m := range file.Require {
		m.Sum = sums[m.Path+" "+m.Version]
		if m.Sum == "" {
			// go.sum lacks the hash of a module none of whose packages is needed.
			continue
		}
		modules = append(modules, m)
	}
	sort.Slice(modules, func(i, j int) bool { return modules[i].Path < modules[j].Path })
	return modules, nil
}

// readSums maps "path version" to the h1: hash of the module's files.
func readSums(goSum string) (map[string]string, error) {
	data, err := os.ReadFile(goSum)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) == 3 {
			sums[fields[0]+" "+fields[1]] = fields[2]
		}
	}
	return sums, nil
}
