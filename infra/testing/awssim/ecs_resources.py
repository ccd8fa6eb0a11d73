"""AWS::ECS::TaskDefinition and AWS::ECS::Service: names and numbers as ECS has them, and services that settle.

CloudFormation is done with a service when it is steady, and fails it when the circuit breaker does; ministack is
done at once, and would never roll back a stack whose tasks can't start.
"""
from __future__ import annotations

import time

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

handlers = provisioners._RESOURCE_HANDLERS
HEALTH_NUMBERS = ("interval", "retries", "timeout", "startPeriod")
AS_GIVEN = ("options", "dockerLabels")  # maps whose keys are the user's


def camel(value):
    """CloudFormation's PascalCase names as ECS's API spells them."""
    if isinstance(value, list):
        return [camel(v) for v in value]
    if not isinstance(value, dict):
        return value
    lowered = {name[:1].lower() + name[1:]: v for name, v in value.items()}
    return {name: v if name in AS_GIVEN else camel(v) for name, v in lowered.items()}


def create_task_definition(logical_id, properties, stack, _create=provisioners._ecs_task_def_create):
    """ministack keeps nested names in PascalCase, and leaves three properties out."""
    arn, attributes = _create(logical_id, properties, stack)
    definition = ecs._task_defs[arn.rsplit("/", 1)[1]]
    definition["containerDefinitions"] = camel(definition["containerDefinitions"])
    definition["volumes"] = camel(properties.get("Volumes", []))
    for name in ("RuntimePlatform", "EphemeralStorage"):
        if name in properties:
            definition[name[:1].lower() + name[1:]] = camel(properties[name])
    if "ephemeralStorage" in definition:
        definition["ephemeralStorage"]["sizeInGiB"] = int(definition["ephemeralStorage"]["sizeInGiB"])
    for container in definition["containerDefinitions"]:
        check = container.get("healthCheck") or {}
        check.update({name: int(check[name]) for name in HEALTH_NUMBERS if name in check})
        for mapping in container.get("portMappings") or []:  # parameters are strings
            mapping.update({name: int(mapping[name]) for name in ("containerPort", "hostPort") if name in mapping})
    return arn, attributes


def numbered(properties: dict) -> dict:
    """A parameter's DesiredCount is a string."""
    count = properties.get("DesiredCount")
    return properties if count is None else {**properties, "DesiredCount": int(count)}


class Services:
    def __init__(self, timeout: float):
        self._timeout = timeout
        self._create, self._update = provisioners._ecs_service_create, provisioners._ecs_service_update

    def create(self, logical_id, properties, stack):
        arn, attributes = self._create(logical_id, numbered(properties), stack)
        service = ecs._services["/".join(arn.split("/")[-2:])]
        for name in ("PropagateTags", "EnableExecuteCommand", "PlatformVersion"):
            if name in properties:
                service[name[:1].lower() + name[1:]] = properties[name]
        try:
            self._settle(arn)
        except ValueError:
            provisioners._ecs_service_delete(arn, properties)
            raise
        return arn, attributes

    def update(self, arn, old, new, stack):
        done = self._update(arn, numbered(old), numbered(new), stack)
        self._settle(arn)
        return done

    def _settle(self, arn: str) -> None:
        key, end = "/".join(arn.split("/")[-2:]), time.monotonic() + self._timeout
        while time.monotonic() < end:
            service = ecs._services.get(key)
            if service is None:
                return
            states = {d.get("rolloutState") for d in service["deployments"]}
            if "FAILED" in states:
                raise ValueError("Resource handler returned message: \"Error occurred during operation "
                                 "'ECS Deployment Circuit Breaker was triggered'.\"")
            if service["runningCount"] >= service["desiredCount"] and "IN_PROGRESS" not in states:
                return
            failed = self._failed_tasks(service)
            if len(failed) >= 3:
                raise ValueError("ECS tasks failed to start: " + failed[-1].get("stoppedReason", ""))
            time.sleep(0.1)
        raise ValueError(f"Resource handler returned message: \"Service {arn} did not stabilize.\"")

    @staticmethod
    def _failed_tasks(service: dict) -> list[dict]:
        return [t for t in ecs._tasks.values() if t.get("group") == f"service:{service['serviceName']}"
                and t.get("clusterArn") == service["clusterArn"] and t.get("stopCode") == "TaskFailedToStart"
                and t.get("_deployment_id") in {d.get("id") for d in service["deployments"]}]


def install(settings) -> None:
    services = Services(settings.steady_timeout)
    handlers["AWS::ECS::Service"].update(create=services.create, update=services.update)
    handlers["AWS::ECS::TaskDefinition"]["create"] = create_task_definition
    provisioners._ecs_task_def_create = create_task_definition  # its update calls it by this name
