"""Change sets without the resources whose condition does not hold.

ministack lists those as if they were to be made, and finds no change where only a condition becomes true or false.
"""
from __future__ import annotations

from ministack.services.cloudformation import changesets, engine


def resources(template: dict, params: dict, stack: str, stack_id: str, _all=changesets._resolve_props_for_diff) -> dict:
    """What of a template is compared with another one."""
    holds = engine._evaluate_conditions(template, params) if template else {}
    found = _all(template, params, stack, stack_id).get("Resources", {})
    return {"Resources": {name: r for name, r in found.items() if holds.get(r.get("Condition"), True)}}


def install() -> None:
    changesets._resolve_props_for_diff = resources
