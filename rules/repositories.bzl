"""bbf for workspaces without the module system (Bazel 7 and 8 with a WORKSPACE file).

rules_go is the workspace's own business there, as always: declare `io_bazel_rules_go` (0.60.0 or later), call its macros
`go_rules_dependencies()` and `go_register_toolchains(version = "1.26.8")`, then

    load("@bbf//rules:repositories.bzl", "bbf_repositories")

    bbf_repositories()

gives the same targets as a `bazel_dep` does: `@bbf//:up` and so on. examples/workspace is a whole such workspace.
"""

load("//rules/private:cluster_repository.bzl", "cluster_repository")
load("//rules/private:go_modules.bzl", "go_module_repositories")

def bbf_repositories(go_sdk = "@go_sdk//:ROOT"):
    """Declares `@bbf_cluster` and bbf's Go modules, whose names begin with `bbf_` and so meet no others.

    Args:
      go_sdk: label of the ROOT file of a Go SDK that runs on this machine; the default is what
        `go_register_toolchains` makes.
    """
    cluster_repository(name = "bbf_cluster")
    go_module_repositories(go_sdk = go_sdk)
