"""The stand-in's own paths, beside the API: /_awssim/requests, /fault, /kill-lambda, /expire-session, /issuer."""
from __future__ import annotations

import json

from . import faults, lambdas, request_log, sessions, web_identity

PREFIX = "/_awssim/"


class Control:
    """An ASGI application around ministack's: answers its own paths, and logs what goes to the API."""

    def __init__(self, api):
        self._api = api

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self._api(scope, receive, send)
        if scope["path"].startswith(PREFIX):
            status, body = answer(scope["method"], scope["path"][len(PREFIX):], await read(receive))
            return await reply(send, status, body)
        request = request_log.begin()

        async def observed(message):
            if message["type"] == "http.response.start":
                request.status = message["status"]
                victim = faults.lambda_to_kill(request)
                if victim:
                    lambdas.kill(victim)
                request_log.end(request, scope["headers"])
            await send(message)

        # Callers speak plain HTTP where they would speak TLS to AWS: policies that demand it (aws:SecureTransport) are
        # content.
        await self._api({**scope, "scheme": "https"}, receive, observed)


def answer(method: str, path: str, body: bytes) -> tuple[int, object]:
    try:
        return route(method, path, json.loads(body) if body else {})
    except (ValueError, KeyError, TypeError) as err:
        return 400, {"message": f"{type(err).__name__}: {err}"}


def route(method: str, path: str, body: dict) -> tuple[int, object]:
    if (method, path) == ("GET", "requests"):
        return 200, request_log.all_requests()
    if (method, path) == ("DELETE", "requests"):
        return 200, request_log.clear() or {}
    if (method, path) == ("POST", "fault"):
        return 200, faults.order(body) or {}
    if (method, path) == ("DELETE", "fault"):
        return 200, faults.clear() or {}
    if (method, path) == ("POST", "kill-lambda"):
        return 200, {"killed": lambdas.kill(body["function"])}
    if (method, path) == ("POST", "expire-session"):
        return (200, {}) if sessions.expire(body["access_key"]) else (404, {"message": "no such session"})
    if (method, path) == ("POST", "issuer"):
        return 200, web_identity.publish(body["issuer"], body["keys"]) or {}
    return 404, {"message": f"{method} {PREFIX}{path}: there is no such thing"}


async def read(receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def reply(send, status: int, body: object) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
