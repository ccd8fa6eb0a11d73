"""How ECS places and describes tasks, where ministack's Docker knows better than Fargate."""
from __future__ import annotations

import itertools
import time

from ministack.services import ecs

_next = itertools.count()


def record_address(record: dict, container, network) -> None:
    """The task's interface instead of the address that Docker would have given."""
    task = container.task
    record["_container_ip"] = task.interface.private
    record["attachments"] = [task.attachment]
    for shown in record.get("containers", []):
        shown["networkInterfaces"] = [{"attachmentId": task.attachment["id"],
                                       "privateIpv4Address": task.interface.private}]


def next_subnet(request: dict) -> str | None:
    """Tasks are spread over the service's subnets; ministack takes the first for all."""
    placement = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    subnets = placement.get("subnets") or []
    return subnets[next(_next) % len(subnets)] if subnets else None


def mark_stopped(arn, record, reason, stop_code, *args, _mark=ecs._mark_task_stopped, **kwargs):
    """The words that ECS uses, since `status` explains them."""
    words = {"Essential container exited": "Essential container in task exited",
             "Service scaling down": "Scaling activity initiated by deployment"}
    _throttle.ended(record, stop_code)
    return _mark(arn, record, words.get(reason, reason), stop_code, *args, **kwargs)


class Throttle:
    """Services whose tasks keep failing start new ones ever more slowly; ministack's would use a whole processor."""

    FAILURES = ("TaskFailedToStart", "EssentialContainerExited", "ServiceSchedulerInitiated")
    LONGEST = 10  # seconds

    def __init__(self):
        self._in_a_row: dict[str, int] = {}

    def ended(self, record: dict, stop_code: str) -> None:
        group = record.get("group", "")
        failed = group.startswith("service:") and stop_code in self.FAILURES
        self._in_a_row[group] = self._in_a_row.get(group, 0) + 1 if failed else 0

    def failures(self, record: dict) -> int:
        return self._in_a_row.get(record.get("group", ""), 0)

    def wait(self, record: dict) -> None:
        failures = self.failures(record)
        if failures:
            time.sleep(min(0.125 * 2 ** min(failures, 7), self.LONGEST))


_throttle = Throttle()


def start(record, *args, _start=ecs._run_task_worker):
    """Runs in a thread of the task's own."""
    _throttle.wait(record)
    return _start(record, *args)


def install(docker) -> None:
    ecs._docker = docker
    ecs._record_task_ip = record_address
    ecs._requested_subnet = next_subnet
    ecs._mark_task_stopped = mark_stopped
    ecs._run_task_worker = start
