"""bbf for workspaces without the module system (Bazel 7 and 8 with a WORKSPACE file).

rules_go and gazelle are the workspace's own business there, as always: declare `io_bazel_rules_go` (0.60.0 or later) and
`bazel_gazelle` (0.47.0 or later) and call their dependency macros, then

    load("@bbf//rules:repositories.bzl", "bbf_repositories")

    bbf_repositories()

gives the same targets as a `bazel_dep` does: `@bbf//:up` and so on. examples/workspace is a whole such workspace.
"""

load("//rules/private:cluster_repository.bzl", "cluster_repository")
load("//rules/private:go_modules.bzl", "go_module_repositories")

def bbf_repositories():
    """Declares `@bbf_cluster` and bbf's Go modules, whose names begin with `bbf_` and so meet no others."""
    cluster_repository(name = "bbf_cluster")
    go_module_repositories()
