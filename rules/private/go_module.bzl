"""go_module: a Go module as a repository, fetched by the Go SDK and built by rules_go.

gazelle's go_repository does the same for any module, but compiles gazelle first, in every workspace: a minute or two before
bbf's own first file. What it would find out is known here beforehand (tools/dev/gomodules writes it down).
"""

_BUILD = """\
load("@io_bazel_rules_go//go:def.bzl", "go_library")

go_library(
    name = {name},
    # Those of all platforms: rules_go leaves out what the build constraints do.
    srcs = {srcs},
    embedsrcs = {embedsrcs},
    importpath = {importpath},
    visibility = ["//visibility:public"],
    deps = {deps},
)
"""

def _go_module_impl(rctx):
    _copy(rctx, _download(rctx))
    for package, deps in rctx.attr.packages.items():
        importpath = rctx.attr.importpath + ("/" + package if package else "")
        rctx.file(
            (package + "/" if package else "") + "BUILD.bazel",
            _BUILD.format(
                name = repr(_library_name(importpath)),
                deps = repr(deps),
                embedsrcs = repr(rctx.attr.embeds.get(package, [])),
                importpath = repr(importpath),
                srcs = repr(rctx.attr.srcs[package]),
            ),
            executable = False,
        )

    # The hash fixes every file.
    return rctx.repo_metadata(reproducible = True) if hasattr(rctx, "repo_metadata") else None

def _download(rctx):
    """Returns the module's folder in Go's module cache, which GOPROXY and the like apply to as always."""
    go = rctx.path(rctx.attr.go_sdk).dirname.get_child("bin").get_child("go")
    environment = {
        "GO111MODULE": "on",
        "GOFLAGS": "",
        "GOSUMDB": "off",  # the hash is compared below
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    if not rctx.os.environ.get("HOME"):
        environment["GOPATH"] = str(rctx.path(".go"))
        environment["GOCACHE"] = str(rctx.path(".go/cache"))
    module = rctx.attr.importpath + "@" + rctx.attr.version
    rctx.report_progress("downloading " + module)
    got = rctx.execute([go, "mod", "download", "-json", module], environment = environment)
    answer = json.decode(got.stdout, default = None)
    if type(answer) != "dict" or answer.get("Error") or got.return_code:
        fail("downloading the Go module {} failed: {}".format(module, (answer or {}).get("Error") or got.stderr or got.stdout))
    if answer["Sum"] != rctx.attr.sum:
        fail("the Go module {} has the hash {}, not {}".format(module, answer["Sum"], rctx.attr.sum))
    return answer["Dir"]

def _copy(rctx, folder):
    """Copies a read-only folder of the module cache: `go clean -modcache` may remove it."""
    for command in [
        ["cp", "-R", folder + "/.", str(rctx.path("."))],
        ["chmod", "-R", "u+w", str(rctx.path("."))],
    ]:
        done = rctx.execute(command)
        if done.return_code:
            fail("{} failed: {}".format(" ".join(command), done.stderr))

def _library_name(importpath):
    """The name that gazelle's naming convention "import" gives: the last element that isn't a major version."""
    elements = importpath.split("/")
    if elements[-1][:1] == "v" and elements[-1][1:].isdigit() and len(elements) > 1:
        return elements[-2]
    return elements[-1]

go_module = repository_rule(
    implementation = _go_module_impl,
    attrs = {
        "embeds": attr.string_list_dict(doc = "Files that the packages embed, by package."),
        "go_sdk": attr.label(doc = "The ROOT file of a Go SDK that runs on this machine.", mandatory = True),
        "importpath": attr.string(mandatory = True),
        "packages": attr.string_list_dict(doc = "Labels that the packages import, by package; of those that are needed.", mandatory = True),
        "srcs": attr.string_list_dict(doc = "Files of the packages, by package.", mandatory = True),
        "sum": attr.string(doc = "The h1: hash in go.sum.", mandatory = True),
        "version": attr.string(mandatory = True),
    },
)
