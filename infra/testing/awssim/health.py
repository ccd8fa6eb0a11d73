"""Health checks of containers, and what ECS does with a task whose essential container fails them."""
from __future__ import annotations

import subprocess
import threading
import time

from ministack.core.responses import request_scope
from ministack.services import ecs

FIRST_LOOKS = 0.3  # seconds; a healthy container need not wait a whole interval to be seen healthy


def watch(container, definition: dict, docker, interval: float | None) -> None:
    check = definition.get("healthCheck")
    if check:
        threading.Thread(target=_loop, args=(container, definition, check, docker, interval), daemon=True).start()


def _loop(container, definition: dict, check: dict, docker, override: float | None) -> None:
    interval = override or float(check.get("interval", 30))
    grace = time.monotonic() + (override or float(check.get("startPeriod", 0)))
    retries, failures = int(check.get("retries", 3)), 0
    while container.process.poll() is None:
        if healthy(container, check["command"], float(check.get("timeout", 5))):
            failures, container.health = 0, "HEALTHY"
        elif time.monotonic() > grace:
            failures += 1
            if failures >= retries:
                container.health = "UNHEALTHY"
        publish(container)
        if container.health == "UNHEALTHY" and definition.get("essential", True):
            stop_unhealthy(container.task, docker)
            return
        time.sleep(min(FIRST_LOOKS, interval) if container.health is None and failures == 0 else interval)


def healthy(container, command: list[str], timeout: float) -> bool:
    argv = ["/bin/sh", "-c", command[1]] if command[0] == "CMD-SHELL" else command[1:]
    try:
        done = subprocess.run(container.task.interface.command(argv), env=container.env, cwd=container.folder,
                              capture_output=True, timeout=timeout, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return False
    return done.returncode == 0


def publish(container) -> None:
    """The task is as healthy as the worst of its containers that have a check."""
    record = container.task.record
    for shown in record.get("containers", []):
        if shown["name"] == container.name:
            shown["healthStatus"] = container.health or "UNKNOWN"
    states = {c.health for c in container.task.containers.values() if "healthCheck" in c.definition}
    record["healthStatus"] = ("UNHEALTHY" if "UNHEALTHY" in states else
                              "HEALTHY" if states == {"HEALTHY"} else "UNKNOWN")


def stop_unhealthy(task, docker) -> None:
    """ministack leaves an unhealthy task alone; ECS's service scheduler replaces it, and its circuit breaker counts."""
    with request_scope(task.account, task.region):
        if ecs._mark_task_stopped(task.arn, task.record, "Task failed container health checks",
                                  "ServiceSchedulerInitiated"):
            ecs._record_service_task_failure(task.record)
            ecs._cleanup_task_resources(task.record, docker)
