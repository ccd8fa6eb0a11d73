"""The command line, environment and folder that a container starts with."""
from __future__ import annotations

import os
import re
import subprocess

from .images import HostCommand, RootFilesystem

# Runs in new mount and process namespaces; $R is the container's root, and not the container's to see.
ENTER = """set -e
mount --make-rprivate /
mount -t proc proc $R/proc
mount --rbind /dev $R/dev
@MOUNTS@root=$R; unset R
exec unshare --root="$root" --wd="@WORKDIR@" -- "$@"
"""


def environment(task, endpoint: str, metadata_uri: str, given: dict[str, str]) -> dict[str, str]:
    """What every task sees. The credentials are added by the caller, who knows the role."""
    return {"PATH": os.environ["PATH"], **given,
           "AWS_REGION": task.region, "AWS_DEFAULT_REGION": task.region,
           "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
           "AWS_ENDPOINT_URL": endpoint,
           "AWS_EC2_METADATA_DISABLED": "true",
           "ECS_CONTAINER_METADATA_URI_V4": metadata_uri,
           # Not AWS's: host commands of several tasks share the machine's files and, on loopback, its ports.
           "BBF_TASK_IP": task.interface.private,
           "AWSSIM_STATE": os.environ["AWSSIM_STATE"]}


def on_host(container, image: HostCommand, definition: dict, command: list[str] | None, env: dict[str, str]) -> None:
    """Mounts can't be made for a process of the host: BBF_MOUNT_<PATH> says where each volume is."""
    for source, path, _ in volumes(container.task, definition):
        env["BBF_MOUNT_" + re.sub(r"\W", "_", path).strip("_").upper()] = source
    entrypoint = definition.get("entryPoint") or image.argv
    container.start([*entrypoint, *(command or [])], {**env, **image.env}, container.folder)


def in_root(container, image: RootFilesystem, definition: dict, command: list[str] | None, env: dict[str, str]) -> None:
    """An overlay over the image, entered with chroot in namespaces of its own."""
    root = overlay(container.folder, image.path)
    for name in ("etc", "proc", "dev", "tmp"):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    address = container.task.interface.private
    with open(os.path.join(root, "etc/hosts"), "w", encoding="utf-8") as f:
        f.write(f"127.0.0.1 localhost\n{address} ip-{address.replace('.', '-')}\n")
    mounts = ""
    for source, path, read_only in volumes(container.task, definition):
        mounts += f"mkdir -p $R{path}; mount --bind {'-o ro ' if read_only else ''}{source} $R{path}\n"
    for pair in image.config.get("Env") or []:
        env.setdefault(*pair.split("=", 1))
    entrypoint = definition.get("entryPoint") or image.config.get("Entrypoint") or []
    if command is None:  # as Docker: an entry point of the task's own drops the image's command
        command = [] if definition.get("entryPoint") else image.config.get("Cmd") or []
    workdir = definition.get("workingDirectory") or image.config.get("WorkingDir") or "/"
    script = ENTER.replace("@MOUNTS@", mounts).replace("@WORKDIR@", workdir)
    container.start(["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", script, "sh",
                     *entrypoint, *command], {**env, "R": root}, "/")


def overlay(folder: str, lower: str) -> str:
    for name in ("up", "work", "root"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    root = os.path.join(folder, "root")
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                    f"lowerdir={lower},upperdir={folder}/up,workdir={folder}/work", root], check=True)
    return root


def volumes(task, definition: dict) -> list[tuple[str, str, bool]]:
    return [(task.volumes[m["sourceVolume"]], m["containerPath"], bool(m.get("readOnly")))
            for m in definition.get("mountPoints", []) if m.get("sourceVolume") in task.volumes]
