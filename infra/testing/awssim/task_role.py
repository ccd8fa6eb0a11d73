"""Credentials of task roles at the address where Fargate serves them, as sessions that the API accepts.

ministack answers the same path with random keys that belong to nobody.
"""
from __future__ import annotations

import secrets
import time

from ministack.services import imds, sts

LIFETIME = 6 * 3600  # seconds, as Fargate's

_roles: dict[str, tuple[str, str]] = {}  # by the last part of the path: the role's ARN, the task's id


def environment(task, network) -> dict[str, str]:
    """The variables that lead an SDK to the credentials; none for a task without a role."""
    role = task.definition.get("taskRoleArn")
    if not role:
        return {}
    path = f"/v2/credentials/{task.id}"
    _roles[task.id] = (role, task.id)
    if network.endpoint.endswith(network.metadata):  # port 80: an SDK takes the relative form for 169.254.170.2 only
        return {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path}
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": network.endpoint + path}


def session(role: str, name: str) -> dict[str, str]:
    """A new session of a role, known to ministack's STS."""
    account, role_name = role.split(":")[4], role.rsplit("/", 1)[1]
    key, secret, token = "ASIA" + secrets.token_hex(8).upper(), secrets.token_hex(20), secrets.token_hex(32)
    expires = time.time() + LIFETIME
    sts.register_session(key, {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{name}", "UserId": f"{role_name}:{name}",
        "SecretAccessKey": secret, "SessionToken": token, "Expiration": expires})
    return {"RoleArn": role, "AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires))}


async def serve(method, path, headers, body, query, _otherwise=imds.handle_request):
    known = _roles.get(path.rsplit("/", 1)[-1]) if path.startswith("/v2/credentials/") else None
    if known and method == "GET":
        return imds._json_resp(session(*known))
    return await _otherwise(method, path, headers, body, query)


def install() -> None:
    imds.handle_request = serve
