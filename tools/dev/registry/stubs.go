package main

// stubs are modules that only have to resolve: the others name them, nothing that can be built here uses them. Each is
// the files that loading the others needs, beside an empty BUILD.bazel.
var stubs = map[string]map[string]string{
	"apple_support": {},
	"buildozer": {"buildozer_binary.bzl": `def _impl(module_ctx):
    _repository(name = "buildozer_binary")

def _repository_impl(rctx):
    rctx.file("BUILD.bazel")

_repository = repository_rule(_repository_impl)
_buildozer = tag_class(attrs = {"sha256": attr.string_dict(), "version": attr.string()})
buildozer_binary = module_extension(_impl, tag_classes = {"buildozer": _buildozer})
`},
	"package_metadata": {"rules/BUILD.bazel": "", "rules/package_metadata.bzl": `def _impl(_):
    return []

_package_metadata = rule(_impl, attrs = {"attributes": attr.label_list(), "purl": attr.string()})

def package_metadata(name, **kwargs):
    _package_metadata(name = name, applicable_licenses = [], **kwargs)
`},
	"protobuf": {},
	"zlib":     {},
}

// stubModule is a stub's MODULE.bazel, without the version.
func stubModule(name string) string {
	if name == "protobuf" {
		return "module(name = \"protobuf\", repo_name = \"com_google_protobuf\")\n"
	}
	return "module(name = \"" + name + "\")\n"
}
