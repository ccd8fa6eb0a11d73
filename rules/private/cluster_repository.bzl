"""The repository @bbf_cluster: what the cluster that `up` brought up is like, as a platform."""

_STATE = ".bbf/cluster.json"

_BUILD = """\
# Generated from {state} in the workspace ("up" writes it).

platform(
    name = "platform",
    {constraints},
    exec_properties = {exec_properties},
    visibility = ["//visibility:public"],
)
"""

def _cluster_repository_impl(rctx):
    state = rctx.workspace_root.get_child(_STATE.split("/")[0]).get_child(_STATE.split("/")[1])

    # Watched even where it isn't there yet: the first "up" must be seen by a running Bazel.
    rctx.watch(state)
    cluster = {}
    if state.exists:
        cluster = json.decode(rctx.read(state), default = None)
        if type(cluster) != "dict":
            fail("{} is not a JSON object: delete it, then: bazel run @bbf//:up".format(state))

    # A cluster that names no constraints is this machine, whatever Bazel finds that to be.
    if cluster.get("constraint_values"):
        constraints = "constraint_values = {}".format(json.encode(cluster["constraint_values"]))
    else:
        constraints = 'parents = ["@bazel_tools//tools:host_platform"]'
    rctx.file("BUILD.bazel", _BUILD.format(
        state = _STATE,
        constraints = constraints,
        exec_properties = json.encode(cluster.get("exec_properties") or {}),
    ), executable = False)

cluster_repository = repository_rule(
    implementation = _cluster_repository_impl,
    doc = "Reads `.bbf/cluster.json` of the main workspace (`exec_properties`, `constraint_values`); works without it too.",
)
