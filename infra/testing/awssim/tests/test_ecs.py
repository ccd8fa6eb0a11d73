import unittest

from awssim.ecs_resources import camel
from awssim.ecs_tasks import Throttle, next_subnet
from awssim.event_rules import allows

RULE = "arn:aws:events:r:1:rule/tick"


class ECS(unittest.TestCase):
    def test_names_become_ecs_names_but_for_the_users_own(self):
        given = {"HealthCheck": {"Command": ["CMD", "A"]}, "LogConfiguration": {"Options": {"awslogs-group": "G"}},
                 "DockerLabels": {"Mine": "X"}}
        self.assertEqual({"healthCheck": {"command": ["CMD", "A"]},
                          "logConfiguration": {"options": {"awslogs-group": "G"}},
                          "dockerLabels": {"Mine": "X"}}, camel(given))

    def test_tasks_are_spread_over_the_subnets(self):
        request = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a", "b"]}}}
        self.assertEqual({"a", "b"}, {next_subnet(request), next_subnet(request)})
        self.assertIsNone(next_subnet({}))

    def test_failures_in_a_row_slow_a_service_down(self):
        throttle, task = Throttle(), {"group": "service:s"}
        throttle.ended(task, "TaskFailedToStart")
        throttle.ended(task, "EssentialContainerExited")
        self.assertEqual(2, throttle.failures(task))
        throttle.ended(task, "UserInitiated")
        self.assertEqual(0, throttle.failures(task))


class Rules(unittest.TestCase):
    def statement(self, **changed):
        return {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                "Condition": {"ArnLike": {"AWS:SourceArn": RULE}}, **changed}

    def test_a_permission_for_the_rule(self):
        self.assertTrue(allows(self.statement(), RULE))

    def test_a_permission_for_another_rule_or_service(self):
        self.assertFalse(allows(self.statement(), RULE + "2"))
        self.assertFalse(allows(self.statement(Principal={"Service": "s3.amazonaws.com"}), RULE))
        self.assertFalse(allows(self.statement(Effect="Deny"), RULE))
