"""Every API call with its caller, action and resource, and whether it was allowed.

The place is ministack's `enforce`, which all checks go through; a call that is checked twice (a Function URL, a copy
in S3) is one request with several checks.
"""
from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region

from . import faults

LIMIT = 200_000  # requests; then the oldest go


@dataclass
class Check:
    action: str  # "ecs:UpdateService"
    resource: str  # an ARN, or "*"
    allowed: bool


@dataclass
class Request:
    time: float  # seconds since 1970
    caller: str = ""  # an ARN; "anonymous" without a signature
    service: str = ""
    status: int = 0  # of HTTP
    error: str = ""  # of the authentication: "SignatureDoesNotMatch", …
    checks: list[Check] = field(default_factory=list)

    def add(self, access_key: str, action: str, resource: str, allowed: bool, error: str = "") -> None:
        self.caller = self.caller or caller_of(access_key)
        self.service = self.service or action.partition(":")[0]
        self.error = self.error or error
        self.checks.append(Check(action, resource, allowed))


_current: ContextVar[Request | None] = ContextVar("awssim_request", default=None)
_lock, _requests = threading.Lock(), []


def caller_of(access_key: str) -> str:
    if not access_key:
        return "anonymous"
    identity = iam_evaluator.resolve_caller_identity(access_key)
    return identity["userArn"] if identity else f"unknown key {access_key}"


def begin() -> Request:
    request = Request(time.time())
    _current.set(request)
    return request


def current() -> Request | None:
    return _current.get()


def end(request: Request, headers: list[tuple[bytes, bytes]] = ()) -> None:
    """Keeps it if it was an API call: IAM was asked, or it was refused before that, for its form, but is signed."""
    signed = next((v.decode("latin-1") for k, v in headers if k == b"authorization" and v.startswith(b"AWS4-")), "")
    if signed and not request.checks:
        request.caller = caller_of(router.extract_access_key_id({"authorization": signed}))
    if request.checks or signed:
        with _lock:
            _requests.append(request)
            del _requests[:-LIMIT]


def note(caller: str, action: str, resource: str, allowed: bool) -> None:
    """A call that AWS makes on somebody's behalf, and that is no HTTP request here."""
    end(Request(time.time(), caller, action.partition(":")[0], 200 if allowed else 403,
                checks=[Check(action, resource, allowed)]))


def all_requests() -> list[dict]:
    with _lock:
        return [asdict(r) for r in _requests]


def clear() -> None:
    with _lock:
        _requests.clear()


def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None,
            _enforce=iam_evaluator.enforce):
    failure = faults.of_call(iam_action) or _enforce(access_key_id, iam_action, service, region, resource_arn,
                                                     service_context)
    request = current()
    if request:
        request.add(access_key_id, iam_action, resource_arn, failure is None, getattr(failure, "code", ""))
    return failure


async def dispatch(method, path, headers, body, query, request_id, _dispatch=app._dispatch_service_request):
    """Without policy checks `enforce` is not asked; what it would have been asked is logged as allowed."""
    params = app._routing_params(method, path, headers, body, query)
    service, account = router.detect_service(method, path, headers, params), get_account_id()
    action = iam_actions.extract_iam_action(service, method, path, headers, body, params)
    request = current()
    if request and action:
        resource = iam_actions.extract_resource_arn(service, method, path, headers, body, params, get_region(), account)
        request.add(router.extract_access_key_id(headers, query), action, resource, True)
    return await _dispatch(method, path, headers, body, query, request_id)


def install() -> None:
    if app.AUTH:
        iam_evaluator.enforce = enforce
    else:
        app._dispatch_service_request = dispatch
