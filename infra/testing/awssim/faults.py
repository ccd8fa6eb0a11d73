"""Failures on order: of a resource in CloudFormation, of an API call, of a Lambda in the middle of one.

One POST /_awssim/fault orders one of them:
    {"stack": "s", "logical_id": "Cluster", "op": "create", "reason": "…"}   op: create, update or delete
    {"action": "ecs:UpdateService", "code": "ThrottlingException", "message": "Rate exceeded"}
    {"kill_lambda": "name", "action": "ecs:UpdateService"}   when the call was carried out, before it is answered
"times" makes it that many; without it a fault happens once.
"""
from __future__ import annotations

import threading

_lock, _ordered = threading.Lock(), []


def order(fault: dict) -> None:
    with _lock:
        _ordered.append({"times": 1, **fault})


def clear() -> None:
    with _lock:
        _ordered.clear()


def _take(matches) -> dict | None:
    with _lock:
        for fault in _ordered:
            if matches(fault):
                fault["times"] -= 1
                if fault["times"] <= 0:
                    _ordered.remove(fault)
                return fault
    return None


def of_resource(operation: str, stack: str | None, logical_id: str | None) -> str | None:
    """Why this resource fails now, None when it does not."""
    fault = _take(lambda f: "action" not in f and f.get("op", "create") == operation
                  and f.get("stack", stack) == stack and f.get("logical_id", logical_id) == logical_id)
    return fault.get("reason", "Injected failure") if fault else None


def of_call(action: str):
    """The error that a call is answered with, in the form of ministack's checks."""
    from ministack.core.iam_evaluator import AuthError

    fault = _take(lambda f: f.get("action") == action and "code" in f)
    return AuthError(fault["code"], fault.get("message", "Rate exceeded")) if fault else None


def lambda_to_kill(request) -> str | None:
    """The function that made this request and is to die before it hears the answer."""
    actions = {c.action for c in request.checks}
    fault = _take(lambda f: "kill_lambda" in f and f.get("action") in actions
                  and request.caller.endswith("/" + f["kill_lambda"]))
    return fault["kill_lambda"] if fault else None
