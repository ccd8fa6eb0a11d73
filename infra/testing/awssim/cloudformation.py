"""CloudFormation: ordered faults, slowness, and resources that ministack makes wrongly or not at all."""
from __future__ import annotations

import secrets
import time

from ministack.services import ec2
from ministack.services.cloudformation import provisioners, stacks

from . import faults

handlers = provisioners._RESOURCE_HANDLERS


def with_faults(operation: str, original, arguments, delay: float):
    """Wraps one of ministack's three entry points; `arguments` picks stack and logical id out of what it gets."""
    def provision(*args):
        if operation == "update" and args[2] == args[3]:
            return original(*args)  # asked for every resource of the stack, whether it changes or not
        time.sleep(delay)
        reason = faults.of_resource(operation, *arguments(*args))
        if reason:
            raise ValueError(reason)
        return original(*args)
    return provision


def subnet_in_known_vpc(logical_id, properties, stack, _create=handlers["AWS::EC2::Subnet"]["create"]):
    """ministack makes subnets of VPCs that do not exist."""
    vpc = properties.get("VpcId")
    if vpc not in ec2._vpcs:
        raise ValueError(f"The vpc ID '{vpc}' does not exist (Service: Ec2, Status Code: 400, Request ID: 0)")
    return _create(logical_id, properties, stack)


def security_group_rule(permissions: str) -> dict:
    """Rules as resources of their own, which ministack does not know; `permissions` is where the group keeps them."""
    def change(properties: dict, add: bool) -> None:
        group = ec2._security_groups.get(properties["GroupId"])
        if group is None:
            raise ValueError(f"The security group '{properties['GroupId']}' does not exist "
                             "(Service: Ec2, Status Code: 400, Request ID: 0)")
        for permission in provisioners._ec2_sg_permissions([properties]):
            if add:
                group[permissions].append(permission)
            elif permission in group[permissions]:
                group[permissions].remove(permission)

    def create(logical_id, properties, stack):
        change(properties, add=True)
        rule = "sgr-" + secrets.token_hex(9)[:17]
        return rule, {"Id": rule}

    def update(rule, old, new, stack):
        change(old, add=False)
        change(new, add=True)
        return rule, {"Id": rule}

    def delete(rule, properties):
        if properties.get("GroupId") in ec2._security_groups:
            change(properties, add=False)

    return {"create": create, "update": update, "delete": delete}


def install(settings) -> None:
    from . import ecs_resources

    ecs_resources.install(settings)
    # Everything may block here (delays, services that settle), so nothing may run on the event loop.
    stacks._runs_on_worker_thread = lambda resource_type: True
    handlers["AWS::EC2::Subnet"]["create"] = subnet_in_known_vpc
    if "AWS::EC2::SecurityGroupIngress" not in handlers:
        handlers["AWS::EC2::SecurityGroupIngress"] = security_group_rule("IpPermissions")
        handlers["AWS::EC2::SecurityGroupEgress"] = security_group_rule("IpPermissionsEgress")
    delay = settings.cloudformation_delay
    stacks._provision_resource = with_faults(
        "create", stacks._provision_resource, lambda kind, logical_id, properties, stack: (stack, logical_id), delay)
    stacks._update_resource = with_faults(
        "update", stacks._update_resource,
        lambda kind, physical_id, new, old, stack, logical_id, *rest: (stack, logical_id), delay)
    stacks._delete_resource = with_faults(
        "delete", stacks._delete_resource,
        lambda kind, physical_id, properties, stack=None, logical_id=None: (stack, logical_id), 0)
