"""The repository @bbf_cluster: what the cluster that `up` brought up is like, as a platform, and the program that manages it."""

_STATE = ".bbf/cluster.json"
_CONFIG = "bbf.yaml"

_BUILD = """\
# Generated from {state} ("up" writes it) and the backend that {config} names.

platform(
    name = "platform",
    {constraints},
    exec_properties = {exec_properties},
    visibility = ["//visibility:public"],
)

# The program behind the verbs. That of a cluster on AWS has the AWS SDK in it, which users of a local one needn't compile.
alias(
    name = "tool",
    actual = "{tool}",
    visibility = ["//visibility:public"],
)

# The code of the cluster's manager.
alias(
    name = "manager",
    actual = "@bbf//infra/manager:linux_{architecture}",
    visibility = ["//visibility:public"],
)
"""

def _says(text, key, value):
    """Whether bbf.yaml has this key with this value, in whichever of YAML's forms.

    bbf itself reads the file properly, and says what is wrong with it; here it only decides what is compiled.
    """
    for line in text.splitlines():
        for part in line.partition("#")[0].replace("{", ",").replace("}", ",").split(","):
            name, _, given = part.partition(":")
            if name.strip().strip("\"'") == key and given.strip().strip("\"'") == value:
                return True
    return False

def _cluster_repository_impl(rctx):
    state = rctx.workspace_root.get_child(_STATE.split("/")[0]).get_child(_STATE.split("/")[1])

    # Watched even where it isn't there yet: the first "up" must be seen by a running Bazel.
    rctx.watch(state)
    cluster = {}
    if state.exists:
        cluster = json.decode(rctx.read(state), default = None)
        if type(cluster) != "dict":
            fail("{} is not a JSON object: delete it, then: bazel run @bbf//:up".format(state))

    config = rctx.workspace_root.get_child(_CONFIG)
    rctx.watch(config)
    text = rctx.read(config) if config.exists else ""

    # A cluster that names no constraints is this machine, whatever Bazel finds that to be.
    if cluster.get("constraint_values"):
        constraints = "constraint_values = {}".format(json.encode(cluster["constraint_values"]))
    else:
        constraints = 'parents = ["@bazel_tools//tools:host_platform"]'
    rctx.file("BUILD.bazel", _BUILD.format(
        architecture = "x86_64" if _says(text, "architecture", "x86_64") else "arm64",
        config = _CONFIG,
        state = _STATE,
        tool = "@bbf//tools/bbf/aws" if _says(text, "backend", "aws") else "@bbf//tools/bbf",
        constraints = constraints,
        exec_properties = json.encode(cluster.get("exec_properties") or {}),
    ), executable = False)

cluster_repository = repository_rule(
    implementation = _cluster_repository_impl,
    doc = "Reads `.bbf/cluster.json` of the main workspace (`exec_properties`, `constraint_values`) and its `bbf.yaml`; works without them too.",
)
