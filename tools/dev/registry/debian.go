package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// debianTrees returns where the packages' trees of each module lie under share.
func debianTrees(share string) (map[string]string, error) {
	trees := map[string]string{
		"aspect_bazel_lib": "tools/bazel_lib",
		"bazel_features":   "tools/features",
		"bazel_lib":        "tools/bazel_lib",
		"bazel_skylib":     "tools/skylib",
		"platforms":        "tools/platforms",
		"rules_cc":         "rules/cc",
		"rules_java":       "rules/java",
		"rules_license":    "rules/license",
		"rules_pkg":        "rules/pkg",
		"rules_proto":      "rules/proto",
		"rules_python":     "rules/python",
		"rules_shell":      "rules/shell",
		"stardoc":          "tools/stardoc",
	}
	for name, dir := range trees {
		trees[name] = filepath.Join(share, dir)
		if _, err := os.Stat(filepath.Join(trees[name], "MODULE.bazel")); err != nil {
			return nil, fmt.Errorf("module %s: %w", name, err)
		}
	}
	return trees, nil
}
