"""EventBridge calls a function only if the function's policy lets it; ministack calls it regardless."""
from __future__ import annotations

import fnmatch

from ministack.services import eventbridge, lambda_svc


def allows(statement: dict, rule_arn: str) -> bool:
    principal = statement.get("Principal", {})
    service = principal.get("Service") if isinstance(principal, dict) else principal
    if statement.get("Effect") != "Allow" or service not in ("events.amazonaws.com", "*"):
        return False
    sources = [value for condition in (statement.get("Condition") or {}).values()
               for key, value in condition.items() if key.lower() == "aws:sourcearn"]
    return all(fnmatch.fnmatchcase(rule_arn, source) for source in sources)


def invoke(target, event, rule, view=None, _invoke=eventbridge._invoke_target):
    arn, rule_arn = target.get("Arn", ""), rule.get("Arn") or rule.get("RuleArn") or ""
    if ":lambda:" in arn:
        function, _, _ = lambda_svc._get_func_record_for_ref(arn)
        statements = (function or {}).get("policy", {}).get("Statement", [])
        if function and not any(allows(s, rule_arn) for s in statements):
            print(f"awssim: rule {rule_arn} may not invoke {arn}: its policy does not allow it", flush=True)
            return None
    return _invoke(target, event, rule, view)


def install() -> None:
    eventbridge._invoke_target = invoke
