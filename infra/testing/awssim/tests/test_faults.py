import unittest
from types import SimpleNamespace

from awssim import faults


class Faults(unittest.TestCase):
    def setUp(self):
        faults.clear()

    def test_a_resource_fails_once(self):
        faults.order({"stack": "s", "logical_id": "Cluster", "reason": "no"})
        self.assertEqual("no", faults.of_resource("create", "s", "Cluster"))
        self.assertIsNone(faults.of_resource("create", "s", "Cluster"))

    def test_only_the_resource_that_was_named(self):
        faults.order({"stack": "s", "logical_id": "Cluster", "op": "delete"})
        self.assertIsNone(faults.of_resource("create", "s", "Cluster"))
        self.assertIsNone(faults.of_resource("delete", "other", "Cluster"))
        self.assertIsNone(faults.of_resource("delete", "s", "Vpc"))
        self.assertIsNotNone(faults.of_resource("delete", "s", "Cluster"))

    def test_without_a_name_any_resource(self):
        faults.order({"reason": "no"})
        self.assertEqual("no", faults.of_resource("create", "s", "Vpc"))

    def test_a_call_fails_as_often_as_ordered(self):
        faults.order({"action": "ecs:UpdateService", "code": "ThrottlingException", "times": 2})
        codes = [getattr(faults.of_call("ecs:UpdateService"), "code", None) for _ in range(3)]
        self.assertEqual(["ThrottlingException", "ThrottlingException", None], codes)

    def test_a_lambda_dies_of_its_own_calls_only(self):
        faults.order({"kill_lambda": "manager", "action": "ecs:UpdateService"})
        checks = [SimpleNamespace(action="ecs:UpdateService")]
        user = SimpleNamespace(caller="arn:aws:iam::1:user/me", checks=checks)
        itself = SimpleNamespace(caller="arn:aws:sts::1:assumed-role/r/manager", checks=checks)
        self.assertIsNone(faults.lambda_to_kill(user))
        self.assertEqual("manager", faults.lambda_to_kill(itself))
        self.assertIsNone(faults.lambda_to_kill(itself))
