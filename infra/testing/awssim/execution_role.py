"""What ECS does with a task's execution role before a container starts: asks ECR for the image, makes a log stream.

On AWS these are API calls with the role's rights, and a task without them does not start. Here nothing would notice,
so the role's policies are looked at, and the calls are in the request log as the role's.
"""
from __future__ import annotations

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import ecs, iam

from . import request_log
from .images import ECR


def check(task, image: str, definition: dict) -> None:
    """Raises what makes ministack stop the task with AWS's ResourceInitializationError."""
    for action, resource in needed(task, image, definition):
        role = task.definition.get("executionRoleArn")
        if not role:
            raise ecs._SecretResolutionError("the task definition has no execution role")
        caller = f"arn:aws:sts::{task.account}:assumed-role/{role.rsplit('/', 1)[1]}/{task.id}"
        allowed = may(task, role, caller, action, resource)
        request_log.note(caller, action, resource, allowed)
        if not allowed:
            raise ecs._SecretResolutionError(
                f"AccessDeniedException: User: {caller} is not authorized to perform: {action} on resource: "
                f"{resource} because no identity-based policy allows the {action} action")


def needed(task, image: str, definition: dict) -> list[tuple[str, str]]:
    """The actions and resources; see "Amazon ECS task execution IAM role" in the ECS developer guide."""
    calls, match = [], ECR.match(image)
    if match:
        repository = f"arn:aws:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"
        calls = [("ecr:GetAuthorizationToken", "*"), ("ecr:BatchCheckLayerAvailability", repository),
                 ("ecr:GetDownloadUrlForLayer", repository), ("ecr:BatchGetImage", repository)]
    logs = definition.get("logConfiguration") or {}
    group = (logs.get("options") or {}).get("awslogs-group")
    if logs.get("logDriver") == "awslogs" and group:
        prefix = logs["options"].get("awslogs-stream-prefix", "ecs")
        stream = (f"arn:aws:logs:{task.region}:{task.account}:log-group:{group}:log-stream:"
                  f"{prefix}/{definition['name']}/{task.id}")
        calls += [("logs:CreateLogStream", stream), ("logs:PutLogEvents", stream)]
    return calls


def may(task, role: str, caller: str, action: str, resource: str) -> bool:
    if not app.AUTH:
        return True
    name = role.rsplit("/", 1)[1]
    context = iam_evaluator.EvalContext(
        principal_arn=caller, principal_type="AssumedRole", principal_account=task.account, action=action,
        resource_arn=resource, region=task.region, service_context={}, principal_keys={})
    policies = iam_evaluator._gather_role_policies(name, task.account)
    boundary = iam_evaluator._permissions_boundary(iam._roles, name, task.account)
    return iam_evaluator.evaluate(context, policies, *boundary).decision == "Allow"
