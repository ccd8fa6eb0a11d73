"""Stands in for the `docker` package: ministack's ECS then starts our processes, where it would start containers."""
from __future__ import annotations

import hashlib
import os
import secrets
import sys
import threading
import time
import types

from . import health, launch
from .container import Container
from .images import HostCommand, Images, NoSuchImage


class NotFound(Exception):
    pass


class ImageNotFound(NotFound):
    pass


class Image:
    def __init__(self, reference: str):
        self.id = "sha256:" + hashlib.sha256(reference.encode()).hexdigest()

    def tag(self, *_, **__) -> bool:
        return True


class Docker:
    """The methods of docker.DockerClient that ministack's ECS calls, and nothing else."""

    def __init__(self, settings, images: Images, network, folder: str):
        self._settings, self._images, self._network = settings, images, network
        self._folder = os.path.join(folder, "tasks")
        self._running: dict[str, Container] = {}
        self._tasks: dict[str, object] = {}
        self._lock = threading.RLock()
        self.containers = self
        self.images = types.SimpleNamespace(get=self._image, pull=lambda name, **_: self._image(name),
                                            get_registry_data=self._no_digest)

    def ping(self) -> bool:
        return True

    def list(self, **_) -> list:
        return []

    def get(self, container_id: str):
        if container_id == os.environ["HOSTNAME"]:  # ministack asks where tasks reach it
            networks = {"awsvpc": {"IPAddress": self._network.metadata}}
            return types.SimpleNamespace(attrs={"NetworkSettings": {"Networks": networks}})
        if container_id not in self._running:
            raise NotFound(container_id)
        return self._running[container_id]

    def run(self, image: str, command=None, environment=None, labels=None, **_) -> Container:
        from ministack.services import ecs
        from . import execution_role, task_role

        label = "com.amazonaws.ecs."
        arn, name = labels[label + "task-arn"], labels[label + "container-name"]
        revision = f"{labels[label + 'task-definition-family']}:{labels[label + 'task-definition-version']}"
        task = self._task(arn, ecs._tasks[arn], ecs._task_defs[revision])
        definition = next(c for c in task.definition["containerDefinitions"] if c["name"] == name)
        execution_role.check(task, image, definition)
        for dependency in definition.get("dependsOn", []):
            self._wait_for(task, dependency)
        found = self._resolve(image)

        container = Container(secrets.token_hex(32), name, task, os.path.join(task.folder, name))
        container.definition = definition
        os.makedirs(container.folder, exist_ok=True)
        given = {k: v for k, v in (environment or {}).items() if not k.startswith("AWS_CONTAINER_")}
        metadata = given["ECS_CONTAINER_METADATA_URI_V4"].split("/v4/")[1]
        env = launch.environment(task, self._network.endpoint, f"{self._network.endpoint}/v4/{metadata}", given)
        env.update(task_role.environment(task, self._network))
        start = launch.on_host if isinstance(found, HostCommand) else launch.in_root
        container.on_remove = lambda: self._removed(container)
        start(container, found, definition, command, env)
        self._running[container.id] = task.containers[name] = container
        print(f"awssim: task {task.id[:8]} {name} pid={container.process.pid} at {task.interface.private}, "
              f"public {task.interface.public}", flush=True)
        health.watch(container, definition, self, self._settings.health_interval)
        return container

    def close(self) -> None:
        from ministack.services import ecs

        ecs._services.clear()  # they would start others in place of the killed ones
        for container in list(self._running.values()):
            container.kill()

    def _task(self, arn: str, record: dict, definition: dict):
        from .task import Task

        with self._lock:
            if arn not in self._tasks:
                self._tasks[arn] = Task(arn, record, definition, self._folder, self._network)
            return self._tasks[arn]

    def _removed(self, container: Container) -> None:
        task = container.task
        with self._lock:
            self._running.pop(container.id, None)
            task.containers.pop(container.name, None)
            if not task.containers and self._tasks.pop(task.arn, None):
                task.destroy()

    def _resolve(self, reference: str):
        try:
            return self._images.resolve(reference)
        except NoSuchImage as err:
            raise ImageNotFound(f"CannotPullContainerError: {err}") from err

    def _image(self, reference: str) -> Image:
        try:
            self._images.resolve(reference)
        except NoSuchImage as err:
            print("awssim: no image", err, flush=True)
            raise ImageNotFound(str(err)) from err
        return Image(reference)

    def _no_digest(self, reference: str, **_):
        raise NotFound(reference)  # a digest is looked up to pin tags; host commands have none

    def _wait_for(self, task, dependency: dict) -> None:
        """dependsOn: START, HEALTHY, COMPLETE or SUCCESS of a container that the task definition lists earlier."""
        wanted, container = dependency.get("condition", "START"), task.containers.get(dependency["containerName"])
        end = time.monotonic() + 60
        while container and time.monotonic() < end:
            container.reload()
            exited = container.status == "exited"
            if (wanted == "START" or (wanted == "HEALTHY" and container.health == "HEALTHY")
                    or (wanted == "COMPLETE" and exited) or (wanted == "SUCCESS" and container.exit_code == 0)):
                return
            if exited and wanted in ("HEALTHY", "SUCCESS"):
                break
            time.sleep(0.1)
        if container:
            raise RuntimeError(f"{dependency['containerName']} did not become {wanted}")


def install(docker: Docker) -> None:
    """Before ministack is imported, since some of its modules look for docker as they load."""
    package, errors = types.ModuleType("docker"), types.ModuleType("docker.errors")
    errors.NotFound, errors.ImageNotFound = NotFound, ImageNotFound
    errors.APIError = type("APIError", (Exception,), {})
    package.errors, package.from_env = errors, lambda *_, **__: docker
    sys.modules.update({"docker": package, "docker.errors": errors})
