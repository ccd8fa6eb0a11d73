"""Compares the operator's policies with what CloudFormation needs: the handlers of each resource type say which permissions they use.

They name what every property could need. What none of our properties does is in UNUSED, with the reason; all else has to be in the policy, and
the policy has nothing else. The schemas are those that cfn-lint carries.
"""

import json
import sys
from pathlib import Path

import cfnlint
import yaml

import golden

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"

UNUSED = {
    "keys of our own": "kms:",
    "Lambda functions in a VPC": {"ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"},
    "file systems": {"elasticfilesystem:DescribeMountTargets", "s3files:ListMountTargets"},
    "VPN": {"ec2:AttachVpnGateway", "ec2:DetachVpnGateway", "ec2:DescribeVpnGateways"},
    "VPC: encryption, tenancy": {"ec2:CreateVpcEncryptionControl", "ec2:ModifyVpcTenancy"},
    "IPv6": {"ec2:AssociateSubnetCidrBlock", "ec2:DisassociateSubnetCidrBlock"},
    "rules for the way out": {
        "ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress", "ec2:UpdateSecurityGroupRuleDescriptionsEgress"},
    "account settings": {"ecs:PutAccountSetting", "ecs:PutAccountSettingDefault"},
    "log groups: protection, delivery, indexes": {
        "logs:AssociateKmsKey", "logs:CreateLogDelivery", "logs:DeleteDataProtectionPolicy", "logs:DeleteIndexPolicy",
        "logs:DeleteResourcePolicy", "logs:DeleteRetentionPolicy", "logs:DescribeIndexPolicies", "logs:DescribeResourcePolicies",
        "logs:DisassociateKmsKey", "logs:GetDataProtectionPolicy", "logs:PutBearerTokenAuthentication", "logs:PutDataProtectionPolicy",
        "logs:PutIndexPolicy", "logs:PutLogGroupDeletionProtection", "logs:PutResourcePolicy", "firehose:TagDeliveryStream",
        "s3:REST.PUT.OBJECT"},
    "repositories: policies, scans, mutability": {
        "ecr:DeleteRepositoryPolicy", "ecr:PutImageScanningConfiguration", "ecr:PutImageTagMutability", "ecr:SetRepositoryPolicy"},
    "functions: code signing, concurrency, layers, recursion, runtime, scaling, versions": {
        "lambda:AssociateRuntimeAlias", "lambda:DeleteFunctionCodeSigningConfig", "lambda:DeleteFunctionConcurrency",
        "lambda:GetCodeSigningConfig", "lambda:GetFunctionScalingConfig", "lambda:GetLayerVersion", "lambda:PassCapacityProvider",
        "lambda:PublishVersion", "lambda:PutFunctionCodeSigningConfig", "lambda:PutFunctionConcurrency", "lambda:PutFunctionRecursionConfig",
        "lambda:PutFunctionScalingConfig", "lambda:PutRuntimeManagementConfig"},
    "versions of the code in the bucket": {"s3:GetObjectVersion"},
    "a boundary that is taken away": {"iam:DeleteRolePermissionsBoundary"},
    "changes of an identity provider, which others may use": {
        "iam:AddClientIDToOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags",
        "iam:UntagOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint"},
    "a policy of the workers' own": {"iam:AttachRolePolicy"},
}
# Not of a handler: what !GetAZs asks for.
FUNCTIONS = {"ec2:DescribeAvailabilityZones"}
# Of handlers, and asked for by bbf itself too: in the operator's first policy.
OWN = {"s3:GetObject"}


class Loader(yaml.SafeLoader):
    """Takes !Ref and the like for nothing."""


Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def needed(cluster):
    """Returns {permission: resource types} of all resources that the cluster can have."""
    index = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    types = set()
    for kind in ("infra", "manager", "server", "workers", "ci"):
        for resource in yaml.load(golden.template(kind).read_text(), Loader)["Resources"].values():
            types.add(resource["Type"])
    permissions = {}
    for name in types:
        schema = json.loads((SCHEMAS / "resources" / f"{index[name]}.json").read_text())
        asked = [p for operation, handler in schema["handlers"].items() if operation != "list" for p in handler["permissions"]]
        for permission in asked + schema.get("tagging", {}).get("permissions", []):
            if not unused(permission, name):
                permissions.setdefault(permission, set()).add(name)
    return permissions


def unused(permission, resource_type):
    for reason, entry in UNUSED.items():
        if isinstance(entry, str) and permission.startswith(entry):
            return True
        if permission in entry and (not reason.startswith("Lambda") or resource_type == "AWS::Lambda::Function"):
            return True
    return permission == "iam:PassRole" and resource_type == "AWS::Events::Rule"  # its target is a function, which needs no role


def granted(cluster):
    actions = set()
    for c, name, policy in golden.each("policies"):
        if c == cluster and name in ("stacks", "network"):
            for statement in policy["Statement"]:
                action = statement["Action"]
                actions.update([action] if isinstance(action, str) else action)
    return actions


def main():
    # The plain cluster has a new VPC, so everything is needed.
    need, have = needed("plain"), granted("plain")
    lacking = need.keys() - have - OWN
    useless = have - need.keys() - FUNCTIONS
    for permission in sorted(lacking):
        print(f"{permission} is needed for {', '.join(sorted(need[permission]))} and is not allowed")
    for permission in sorted(useless):
        print(f"{permission} is allowed, and nothing needs it")
    return bool(lacking or useless)


if __name__ == "__main__":
    sys.exit(main())
