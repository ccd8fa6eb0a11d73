import unittest

from ministack.core import responses
from ministack.services import iam

from awssim.simulation import context, simulate

POLICY = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    {"Effect": "Allow", "Action": "ec2:DeleteVpc", "Resource": "*",
     "Condition": {"StringEquals": {"aws:ResourceTag/bbf:cluster": "acme"},
                   "ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}}]}"""


def called_via(*values: str) -> dict:
    entry = "ContextEntries.member.1."
    return {entry + "ContextKeyName": ["aws:CalledVia"], entry + "ContextKeyType": ["stringList"],
            **{f"{entry}ContextKeyValues.member.{i}": [v] for i, v in enumerate(values, 1)}}


TAG = {"ContextEntries.member.2.ContextKeyName": ["aws:ResourceTag/bbf:cluster"],
       "ContextEntries.member.2.ContextKeyType": ["string"],
       "ContextEntries.member.2.ContextKeyValues.member.1": ["acme"]}


class Simulation(unittest.TestCase):
    def setUp(self):
        account = responses.get_account_id()
        self.arn = f"arn:aws:iam::{account}:role/teams/operator"
        iam._roles["operator"] = {"Arn": self.arn, "InlinePolicies": {"p": POLICY}}
        self.addCleanup(iam._roles.pop, "operator")

    def decisions(self, action: str, *resources: str, **given) -> list[str]:
        query = {"PolicySourceArn": [self.arn], "ActionNames.member.1": [action], **given.get("keys", {}),
                 **{f"ResourceArns.member.{i}": [r] for i, r in enumerate(resources, 1)}}
        _, _, body = simulate(query)
        return [part.partition("<")[0] for part in body.decode().split("<EvalDecision>")[1:]]

    def test_every_resource(self):
        self.assertEqual(["allowed", "implicitDeny"],
                         self.decisions("s3:GetObject", "arn:aws:s3:::b/k", "arn:aws:s3:::other/k"))

    def test_the_context(self):
        via = called_via("cloudformation.amazonaws.com")
        self.assertEqual(["allowed"], self.decisions("ec2:DeleteVpc", keys={**via, **TAG}))
        self.assertEqual(["implicitDeny"], self.decisions("ec2:DeleteVpc", keys=via))
        self.assertEqual(["implicitDeny"], self.decisions("ec2:DeleteVpc", keys={**called_via("other"), **TAG}))
        self.assertEqual({"aws:calledvia": ["a", "b"]}, context(called_via("a", "b")))

    def test_nobody(self):
        self.arn = self.arn.replace("teams/", "")
        status, _, body = simulate({"PolicySourceArn": [self.arn], "ActionNames.member.1": ["s3:GetObject"]})
        self.assertEqual(404, status)
        self.assertIn(b"NoSuchEntity", body)
