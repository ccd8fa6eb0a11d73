"""AWS::IAM::OIDCProvider, which ministack's CloudFormation does not know; its IAM has them."""
from __future__ import annotations

from ministack.core.responses import get_account_id
from ministack.services import iam
from ministack.services.cloudformation import provisioners


def create(logical_id: str, properties: dict, stack: str) -> tuple[str, dict]:
    host = properties["Url"].removeprefix("https://")
    arn = f"arn:aws:iam::{get_account_id()}:oidc-provider/{host}"
    if arn in iam._oidc_providers:
        raise ValueError(f"Resource handler returned message: \"Provider with url {properties['Url']} already exists. "
                         "(Service: Iam, Status Code: 409, Request ID: 0)\"")
    iam._oidc_providers[arn] = {"Arn": arn, "Url": host, "CreateDate": iam._now(), **changeable(properties)}
    return arn, {"Arn": arn}


def update(arn: str, old: dict, new: dict, stack: str) -> tuple[str, dict]:
    iam._oidc_providers[arn].update(changeable(new))
    return arn, {"Arn": arn}


def delete(arn: str, properties: dict) -> None:
    iam._oidc_providers.pop(arn, None)


def changeable(properties: dict) -> dict:
    return {"ClientIDList": properties.get("ClientIdList", []), "ThumbprintList": properties.get("ThumbprintList", []),
            "Tags": properties.get("Tags", [])}


def install() -> None:
    provisioners._RESOURCE_HANDLERS["AWS::IAM::OIDCProvider"] = {"create": create, "update": update, "delete": delete}
