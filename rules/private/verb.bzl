"""verb: one of bbf's verbs as a target for `bazel run`."""

# Minor version of the Go that bbf is compiled with; keep in step with go.mod and MODULE.bazel.
_GO = "1.26"

def _tool_transition_impl(_settings, _attr):
    return {
        # The tool runs where `bazel run` does, however the workspace builds its own code: cross-compiled, for debugging, with
        # the race detector, by another Go. Hence also one set of outputs, which no change of flags throws away.
        "//command_line_option:compilation_mode": "fastbuild",
        "//command_line_option:platforms": "@bazel_tools//tools:host_platform",
        "@io_bazel_rules_go//go/config:msan": False,
        "@io_bazel_rules_go//go/config:pure": True,  # no C compiler is needed
        "@io_bazel_rules_go//go/config:race": False,
        "@io_bazel_rules_go//go/config:tags": [],
        "@io_bazel_rules_go//go/toolchain:sdk_version": _GO,
    }

_tool_transition = transition(
    implementation = _tool_transition_impl,
    inputs = [],
    outputs = [
        "//command_line_option:compilation_mode",
        "//command_line_option:platforms",
        "@io_bazel_rules_go//go/config:msan",
        "@io_bazel_rules_go//go/config:pure",
        "@io_bazel_rules_go//go/config:race",
        "@io_bazel_rules_go//go/config:tags",
        "@io_bazel_rules_go//go/toolchain:sdk_version",
    ],
)

def _verb_impl(ctx):
    tool = ctx.executable.tool
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = executable, target_file = tool, is_executable = True)

    # The tool itself too: a symlink alone is no use where outputs are fetched only on demand.
    files = [tool]
    environment = {}
    for variable, file in {"BBF_GATEWAY": ctx.file.gateway, "BBF_MANAGER": ctx.file.manager}.items():
        if file:
            files.append(file)
            environment[variable] = file.short_path  # `bazel run` starts the tool where this leads to it
    return [
        DefaultInfo(executable = executable, runfiles = ctx.runfiles(files)),
        RunEnvironmentInfo(environment = environment),
    ]

_verb = rule(
    implementation = _verb_impl,
    attrs = {
        "gateway": attr.label(allow_single_file = True, cfg = _tool_transition),
        "manager": attr.label(allow_single_file = True, cfg = _tool_transition),
        "tool": attr.label(executable = True, mandatory = True, cfg = _tool_transition),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)

def verb(name, tool = "@bbf_cluster//:tool", gateway = None, manager = None):
    """Makes `bazel run @bbf//:NAME -- ARGS` run `bbf NAME ARGS`.

    Args:
      name: the verb.
      tool: the program; by default that of the workspace's backend.
      gateway: the gateway's program, for a verb that puts it into images.
      manager: the manager's program, for a verb that uploads it.
    """
    _verb(
        name = name,
        args = [name],
        gateway = gateway,
        manager = manager,
        tool = tool,
        visibility = ["//visibility:public"],
    )
