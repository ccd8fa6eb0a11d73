"""iam:SimulatePrincipalPolicy decides on every resource that is asked about, in the context that is given.

ministack decides on the first resource, without a context and without the permissions boundary.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""
from __future__ import annotations

from itertools import count, product
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


def members(query: dict, name: str) -> list[str]:
    """The values of name.member.1, name.member.2, …"""
    found = []
    for i in count(1):
        value = iam._p(query, f"{name}.member.{i}")
        if not value:
            return found
        found.append(value)


def context(query: dict) -> dict:
    """The condition keys in small letters, as the evaluator looks them up."""
    keys = {}
    for i in count(1):
        entry = f"ContextEntries.member.{i}"
        name = iam._p(query, f"{entry}.ContextKeyName")
        if not name:
            return keys
        values = members(query, f"{entry}.ContextKeyValues")
        is_list = iam._p(query, f"{entry}.ContextKeyType").endswith("List")
        keys[name.lower()] = values if is_list else "".join(values[:1])


def policies(source: str, account: str) -> tuple | None:
    """The policies and the boundary of a user or a role; None when there is no such principal."""
    kind, _, path = source.rpartition(":")[2].partition("/")
    name = path.rsplit("/", 1)[-1]
    store, gather = {"user": (iam._users, iam_evaluator._gather_user_policies),
                     "role": (iam._roles, iam_evaluator._gather_role_policies)}.get(kind, ({}, None))
    if store.get(name, {}).get("Arn") != source:
        return None
    return gather(name, account), *iam_evaluator._permissions_boundary(store, name, account)


def simulate(query: dict):
    source, account = iam._p(query, "PolicySourceArn"), get_account_id()
    found = policies(source, account)
    if found is None:
        return iam._error(404, "NoSuchEntity", f"{source} cannot be found.", ns="iam")
    given, results = context(query), ""
    for action, resource in product(members(query, "ActionNames"), members(query, "ResourceArns") or ["*"]):
        asked = iam_evaluator.EvalContext(
            principal_arn=source, principal_type="User", principal_account=account, action=action,
            resource_arn=resource, region=get_region(), service_context=given, principal_keys={})
        decision = DECISIONS[iam_evaluator.evaluate(asked, *found).decision]
        results += (f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{escape(resource)}"
                    f"</EvalResourceName><EvalDecision>{decision}</EvalDecision></member>")
    return iam._xml(200, "SimulatePrincipalPolicyResponse",
                    f"<SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults>"
                    "<IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>", ns="iam")


def install() -> None:
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate
