"""The resource ARNs that policies of ECS, Logs, IAM and Service Quotas are matched against, as AWS names them.

ministack answers the cluster's ARN for every ECS action, and a log group's without its streams, so that a policy
for one service, or for `log-group:/bbf/x:*`, would match nothing. See the Service Authorization Reference.
"""
from __future__ import annotations

import json

from ministack.core import iam_actions

from . import request_log

# Actions without a resource: a policy has to say "*".
ECS_WITHOUT = {"RegisterTaskDefinition", "DeregisterTaskDefinition", "DescribeTaskDefinition", "ListTaskDefinitions",
               "ListTaskDefinitionFamilies", "ListClusters", "ListServices", "CreateCluster"}
LOGS_BARE = {"TagResource", "UntagResource", "ListTagsForResource"}


def last(name: str | None) -> str:
    return (name or "default").rsplit("/", 1)[-1]


def ecs_arn(operation: str, body: dict, prefix: str) -> str | None:
    """prefix is "arn:aws:ecs:REGION:ACCOUNT:". None: ministack's answer will do."""
    cluster = last(body.get("cluster"))

    def arn(kind: str, name: str | None) -> str:
        name = name or "*"
        return name if name.startswith("arn:") else f"{prefix}{kind}/{cluster}/{name}"

    if operation in ECS_WITHOUT:
        return "*"
    if operation in ("TagResource", "UntagResource", "ListTagsForResource"):
        return body.get("resourceArn") or "*"
    if operation in ("UpdateService", "DeleteService"):
        return arn("service", body.get("service"))
    if operation == "CreateService":
        return arn("service", body.get("serviceName"))
    if operation == "DescribeServices":
        return arn("service", next(iter(body.get("services") or []), None))
    if operation == "DescribeTasks":
        return arn("task", next(iter(body.get("tasks") or []), None))
    if operation in ("StopTask", "ExecuteCommand"):
        return arn("task", body.get("task"))
    if operation == "ListTasks":
        return f"{prefix}container-instance/{cluster}/*"
    if operation == "DescribeClusters":
        return f"{prefix}cluster/{last(next(iter(body.get('clusters') or []), None))}"
    if operation in ("RunTask", "StartTask"):
        return task_definition_arn(body.get("taskDefinition", ""), prefix)
    return None


def task_definition_arn(name: str, prefix: str) -> str:
    from ministack.services import ecs

    if name.startswith("arn:"):
        return name
    if ":" not in name:
        name = f"{name}:{ecs._task_def_latest.get(name, 1)}"
    return f"{prefix}task-definition/{name}"


def logs_arn(operation: str, body: dict, prefix: str) -> str | None:
    """prefix is "arn:aws:logs:REGION:ACCOUNT:"."""
    if operation in LOGS_BARE:
        return None
    return f"{prefix}log-group:{body.get('logGroupName', '')}:log-stream:{body.get('logStreamName', '')}"


def iam_arn(query: dict, prefix: str) -> str | None:
    """prefix is "arn:aws:iam::ACCOUNT:"."""
    for parameter in ("PolicySourceArn", "OpenIDConnectProviderArn"):
        if iam_actions._query_param(query, parameter):
            return iam_actions._query_param(query, parameter)
    if iam_actions._query_param(query, "Action") == "CreatePolicy":
        return f"{prefix}policy/{iam_actions._query_param(query, 'PolicyName')}"
    return None


def quota_arn(operation: str, body: dict, prefix: str) -> str | None:
    """prefix is "arn:aws:servicequotas:REGION:ACCOUNT:"."""
    if operation == "GetServiceQuota":
        return f"{prefix}{body.get('ServiceCode', '')}/{body.get('QuotaCode', '')}"
    return None


def resource_arn(service, method, path, headers, body, query, region, account,
                 _otherwise=iam_actions.extract_resource_arn):
    of_service = {"ecs": ecs_arn, "logs": logs_arn, "servicequotas": quota_arn}.get(service)
    target = headers.get("x-amz-target", "")
    if of_service and target:
        try:
            parsed = json.loads(body or b"{}")
        except ValueError:
            parsed = {}
        prefix = f"arn:aws:{service}:{region}:{account}:"
        found = of_service(target.rsplit(".", 1)[-1], parsed if isinstance(parsed, dict) else {}, prefix)
        if found:
            return found
    if service == "iam":
        found = iam_arn(query, f"arn:aws:iam::{account}:")
        if found:
            return found
    return _otherwise(service, method, path, headers, body, query, region, account)


def action(service, method, path, headers, body, query, _otherwise=iam_actions.extract_iam_action):
    """ministack asks for s3:DeleteObject for the first entry of a DeleteObjects, also if that names a version."""
    found = _otherwise(service, method, path, headers, body, query)
    if found == "s3:DeleteObject" and "delete" in query:
        targets = iam_actions._s3_batch_delete_targets(path.strip("/"), body)
        if targets and targets[0][1]:
            return "s3:DeleteObjectVersion"
    return found


def denial(service, action, principal_arn, request_id, *, _deny=iam_actions.access_denied_response, **named):
    """AWS's refusals name the resource, which is what one looks for in a policy; ministack's do not."""
    request = request_log.current()
    if request and request.checks and not (named.get("error_code") or named.get("message")
                                           or named.get("resource_policy_arn")):
        named["message"] = iam_actions.identity_denial_message(
            action, principal_arn, request.checks[-1].resource, named.get("explicit_deny", False))
    return _deny(service, action, principal_arn, request_id, **named)


def install() -> None:
    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.access_denied_response = denial
