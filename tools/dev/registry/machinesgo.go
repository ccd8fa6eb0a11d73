package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// useMachinesGo makes every SDK that rules_go would download be the machine's own Go: the site that SDKs are downloaded
// from is not a registry that such machines reach.
func useMachinesGo(tree string) error {
	for _, edit := range []struct{ file, old, new string }{
		{"go/private/sdk.bzl", "    implementation = _go_download_sdk_impl,\n", "    implementation = _go_machine_sdk_impl,\n"},
		{"go/private/sdk.bzl", "go_download_sdk_rule = repository_rule(\n", machineSDK + "go_download_sdk_rule = repository_rule(\n"},
		{"go/private/extensions.bzl", "fetch_sdks_by_version(ctx, allow_fail = True)", "None"},
	} {
		path := filepath.Join(tree, edit.file)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Count(string(text), edit.old) != 1 {
			return fmt.Errorf("%s is not as expected: no single %q", edit.file, edit.old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), edit.old, edit.new, 1)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const machineSDK = `def _go_machine_sdk_impl(ctx):
    goroot = _detect_host_sdk(ctx)
    platform = _detect_sdk_platform(ctx, goroot)
    version = _detect_sdk_version(ctx, goroot)
    _sdk_build_file(ctx, platform, version, experiments = ctx.attr.experiments)
    _local_sdk(ctx, goroot)

`
