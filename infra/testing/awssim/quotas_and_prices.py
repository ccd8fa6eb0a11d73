"""Service Quotas and the Price List, which ministack lacks: one quota and one price, behind the same checks.

They are registered as services of ministack's own, so that signatures, policies and the request log cover them.
"""
from __future__ import annotations

import json

from ministack import app
from ministack.core import iam_actions, router

PRICES = {  # USD an hour in eu-central-1, Linux on x86; of the Price List on 2026-11-24
    "EUC1-Fargate-vCPU-Hours:perCPU": "0.0465600000",
    "EUC1-Fargate-GB-Hours": "0.0051100000",
}
FARGATE_VCPUS = "L-3032A538"


def quota(body: dict, vcpus: float) -> dict | None:
    if body.get("ServiceCode") != "fargate" or body.get("QuotaCode") != FARGATE_VCPUS:
        return None
    return {"Quota": {"ServiceCode": "fargate", "ServiceName": "AWS Fargate", "QuotaCode": FARGATE_VCPUS,
                      "QuotaName": "Fargate On-Demand vCPU resource count", "Value": vcpus, "Adjustable": True}}


def products(body: dict) -> dict:
    wanted = {f.get("Value") for f in body.get("Filters", []) if f.get("Field") == "usagetype"}
    found = [json.dumps({
        "product": {"productFamily": "Compute", "attributes": {"usagetype": usage, "regionCode": "eu-central-1"}},
        "terms": {"OnDemand": {"term": {"priceDimensions": {"rate": {
            "unit": "hours", "pricePerUnit": {"USD": price}}}}}}})
        for usage, price in PRICES.items() if not wanted or usage in wanted]
    return {"FormatVersion": "aws_v1", "PriceList": found}


def reply(status: int, body: dict) -> tuple:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()


def register(name: str, target: str, handler) -> None:
    async def serve(method, path, headers, body, query):
        operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        answer = handler(operation, json.loads(body or b"{}"))
        if answer is None:
            return reply(400, {"__type": "NoSuchResourceException", "message": f"{operation}: not known here"})
        return reply(200, answer)

    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target], "host_patterns": []}
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name
    app.SERVICE_HANDLERS[name] = serve


def install(settings) -> None:
    register("servicequotas", "ServiceQuotasV20190624", lambda operation, body: {
        "GetServiceQuota": lambda: quota(body, settings.fargate_vcpus)}.get(operation, lambda: None)())
    register("pricing", "AWSPriceListService", lambda operation, body: {
        "GetProducts": lambda: products(body)}.get(operation, lambda: None)())
