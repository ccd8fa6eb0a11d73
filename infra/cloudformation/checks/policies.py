"""Looks at each policy, of people and of roles, through parliament: unknown actions, resources and conditions that don't fit."""

import json
import sys

from parliament import analyze_policy_string

import golden

# What parliament says of policies that are right: the issue, and what its details have in them.
EXPECTED = [
    # parliament 1.6.4 knows IAM as it was in 2024. checks/simulate.mjs has newer data and refuses what really isn't there.
    ("UNKNOWN_CONDITION_FOR_ACTION", "lambda:InvokedViaFunctionUrl"),
    ("UNKNOWN_ACTION", "ecs:StopServiceDeployment"),
    ("UNKNOWN_ACTION", "ec2:DescribeVpcEncryptionControls"),
    ("RESOURCE_MISMATCH", "servicequotas:GetServiceQuota"),
    # Who sets a cluster up sets the policy of its bucket: that nobody talks to it without TLS.
    ("RESOURCE_POLICY_PRIVILEGE_ESCALATION", "s3:PutBucketPolicy"),
]


def expected(finding):
    return any(finding.issue == issue and part in str(finding.detail) for issue, part in EXPECTED)


def main():
    found = 0
    for cluster, name, policy in golden.each("policies"):
        for finding in analyze_policy_string(json.dumps(policy)).findings:
            if not expected(finding):
                print(f"{name} of {cluster}: {finding.issue} {finding.detail} {finding.location}")
                found += 1
    return found > 0


if __name__ == "__main__":
    sys.exit(main())
