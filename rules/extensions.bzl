"""Module extensions. A workspace needs none of them by name: `bazel_dep(name = "bbf")` is enough."""

load("@go_host_compatible_sdk_label//:defs.bzl", "HOST_COMPATIBLE_SDK")
load("//rules/private:cluster_repository.bzl", "cluster_repository")
load("//rules/private:go_modules.bzl", "go_module_repositories")

def _bbf_impl(module_ctx):
    cluster_repository(name = "bbf_cluster")
    return module_ctx.extension_metadata(reproducible = True)

bbf = module_extension(
    implementation = _bbf_impl,
    doc = "Makes `@bbf_cluster`, whose `//:platform` is the one that actions run on. Never enters a lock file.",
)

def _go_modules_impl(module_ctx):
    go_module_repositories(go_sdk = HOST_COMPATIBLE_SDK)
    return module_ctx.extension_metadata(reproducible = True)

go_modules = module_extension(
    implementation = _go_modules_impl,
    doc = "Makes a repository of each Go module that bbf is compiled from, separate from those of gazelle's `go_deps`.",
)
