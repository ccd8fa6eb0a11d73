"""What an image's name stands for: a command of this machine, or a root filesystem out of our own ECR."""
from __future__ import annotations

import io
import json
import os
import re
import shutil
import tarfile
import threading
import urllib.request
from dataclasses import dataclass, field

ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
                 r"(?P<repository>[^:@]+)(?:@(?P<digest>sha256:[0-9a-f]+)|:(?P<tag>[^@]+))?$")
MANIFESTS = ", ".join(("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
                       "application/vnd.docker.distribution.manifest.v2+json",
                       "application/vnd.docker.distribution.manifest.list.v2+json"))


class NoSuchImage(Exception):
    pass


@dataclass(frozen=True)
class HostCommand:
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RootFilesystem:
    path: str
    config: dict  # of the image: Env, Entrypoint, Cmd, WorkingDir


class Images:
    def __init__(self, settings, port: int, folder: str):
        self._settings, self._port, self._folder = settings, port, folder
        self._unpacking = threading.Lock()

    def resolve(self, reference: str) -> HostCommand | RootFilesystem:
        for part, command in self._settings.images().items():
            if part in reference:
                return HostCommand(command["argv"], command.get("env") or {})
        match = ECR.match(reference)
        if not match:
            raise NoSuchImage(f"{reference}: not found")
        try:
            return self._pull(match)
        except OSError as err:
            raise NoSuchImage(f"{reference}: not found ({err})") from err

    def _pull(self, image: re.Match) -> RootFilesystem:
        repository = image["repository"]
        host = f"{image['account']}.dkr.ecr.{image['region']}.amazonaws.com"

        def get(path: str, accept: str = "*/*") -> bytes:
            request = urllib.request.Request(f"http://127.0.0.1:{self._port}/v2/{repository}/{path}",
                                             headers={"Host": host, "Accept": accept})
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.read()

        manifest = json.loads(get(f"manifests/{image['digest'] or image['tag'] or 'latest'}", MANIFESTS))
        if "manifests" in manifest:
            manifest = json.loads(get(f"manifests/{manifest['manifests'][0]['digest']}", MANIFESTS))
        config = json.loads(get(f"blobs/{manifest['config']['digest']}"))
        path = os.path.join(self._folder, manifest["config"]["digest"].split(":")[1][:24])
        with self._unpacking:
            if not os.path.exists(path):
                unpack(path, (get(f"blobs/{layer['digest']}") for layer in manifest["layers"]))
        return RootFilesystem(path, config.get("config") or {})


def unpack(path: str, layers) -> None:
    part = path + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    for layer in layers:
        with tarfile.open(fileobj=io.BytesIO(layer), mode="r:*") as tar:
            tar.extractall(part, filter="fully_trusted")
    os.rename(part, path)
