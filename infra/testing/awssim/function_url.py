"""Function URLs as AWS serves them: who may call, what a refusal looks like, and the caller in the event.

ministack checks lambda:InvokeFunctionUrl only, answers refusals as the Lambda API would, and leaves
requestContext.authorizer out. AWS asks for lambda:InvokeFunction too (since October 2025).
https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""
from __future__ import annotations

import json
import re

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.services import lambda_svc

from . import request_log

URL, INVOKE = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"
CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")

# What AWS calls the failures of ministack's evaluator here.
ERROR_TYPES = {"UnrecognizedClientException": "UnrecognizedClientException",
               "InvalidClientTokenId": "UnrecognizedClientException", "InvalidToken": "UnrecognizedClientException",
               "ExpiredTokenException": "ExpiredTokenException", "IncompleteSignature": "IncompleteSignatureException"}


def refusal(error_type: str, body: dict) -> tuple:
    return 403, {"Content-Type": "application/json", "x-amzn-ErrorType": error_type}, json.dumps(body).encode()


def forbidden() -> tuple:
    """No permission, or no signature: AWS does not say which."""
    return refusal("AccessDeniedException", {
        "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
                   "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"})


def not_authentic(error) -> tuple:
    return refusal(ERROR_TYPES.get(error.code, "InvalidSignatureException"), {"message": error.message})


def enforce(service, iam_action, headers, query, request_id, resource_arn="*", service_context=None,
            auth_error_response=None, named_resource="", _enforce=app._enforce_data_plane):
    if iam_action != URL or not app.AUTH:
        return _enforce(service, iam_action, headers, query, request_id, resource_arn, service_context,
                        auth_error_response, named_resource)
    if (service_context or {}).get("lambda:FunctionUrlAuthType") == "NONE":
        return None
    signed = CREDENTIAL.search(headers.get("authorization", ""))
    if not signed:
        log = request_log.current()
        if log:
            log.add("", URL, resource_arn, False, "MissingAuthenticationToken")
        return forbidden()
    if signed[2] != "lambda":
        return refusal("InvalidSignatureException",
                       {"message": "Credential should be scoped to correct service: 'lambda'. "})
    for action, context in ((URL, service_context), (INVOKE, {"lambda:InvokedViaFunctionUrl": "true"})):
        refused = []
        denied = _enforce(service, action, headers, query, request_id, resource_arn, context,
                          lambda error: refused.append(error) or not_authentic(error))
        if denied:
            return denied if refused else forbidden()
    return None


def event(*args, _build=lambda_svc._build_function_url_event, **kwargs) -> dict:
    """The payload with requestContext.authorizer.iam, and without the signature, which AWS keeps to itself."""
    made = _build(*args, **kwargs)
    access_key = router.extract_access_key_id(made["headers"])
    made["headers"].pop("authorization", None)
    identity = iam_evaluator.resolve_caller_identity(access_key) if access_key else None
    if identity:
        made["requestContext"]["authentication"] = None
        made["requestContext"]["authorizer"] = {"iam": {
            "accessKey": access_key, "accountId": identity["accountId"], "callerId": identity["userId"],
            "cognitoIdentity": None, "principalOrgId": None, "userArn": identity["userArn"],
            "userId": identity["userId"]}}
    return made


def install() -> None:
    app._enforce_data_plane = enforce
    lambda_svc._build_function_url_event = event
