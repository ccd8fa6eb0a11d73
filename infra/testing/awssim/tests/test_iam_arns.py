import unittest

from awssim.iam_arns import action, ecs_arn, iam_arn, logs_arn, quota_arn

ECS = "arn:aws:ecs:r:1:"
SERVICE = "arn:aws:ecs:r:1:service/c/server"


class ARNs(unittest.TestCase):
    def test_ecs(self):
        for operation, body, want in (
            ("UpdateService", {"cluster": "c", "service": "server"}, SERVICE),
            ("UpdateService", {"cluster": ECS + "cluster/c", "service": "server"}, SERVICE),
            ("UpdateService", {"cluster": "c", "service": SERVICE}, SERVICE),
            ("DescribeServices", {"cluster": "c", "services": ["server", "workers"]}, SERVICE),
            ("DescribeTasks", {"cluster": "c", "tasks": ["t"]}, ECS + "task/c/t"),
            ("ListTasks", {"cluster": "c"}, ECS + "container-instance/c/*"),
            ("DescribeClusters", {"clusters": ["c"]}, ECS + "cluster/c"),
            ("TagResource", {"resourceArn": SERVICE}, SERVICE),
            ("RunTask", {"cluster": "c", "taskDefinition": "f:3"}, ECS + "task-definition/f:3"),
            ("RegisterTaskDefinition", {}, "*"),
        ):
            with self.subTest(operation):
                self.assertEqual(want, ecs_arn(operation, body, ECS))

    def test_logs(self):
        prefix = "arn:aws:logs:r:1:"
        self.assertEqual(prefix + "log-group:/g:log-stream:s",
                         logs_arn("PutLogEvents", {"logGroupName": "/g", "logStreamName": "s"}, prefix))
        self.assertEqual(prefix + "log-group::log-stream:", logs_arn("DescribeLogGroups", {}, prefix))

    def test_iam(self):
        prefix = "arn:aws:iam::1:"
        self.assertEqual(prefix + "policy/p", iam_arn({"Action": ["CreatePolicy"], "PolicyName": ["p"]}, prefix))
        self.assertIsNone(iam_arn({"Action": ["GetRole"], "RoleName": ["r"]}, prefix))
        for operation, parameter in (("SimulatePrincipalPolicy", "PolicySourceArn"),
                                     ("GetOpenIDConnectProvider", "OpenIDConnectProviderArn")):
            self.assertEqual(prefix + "x/y", iam_arn({"Action": [operation], parameter: [prefix + "x/y"]}, prefix))

    def test_quotas(self):
        prefix = "arn:aws:servicequotas:r:1:"
        asked = {"ServiceCode": "fargate", "QuotaCode": "L-1"}
        self.assertEqual(prefix + "fargate/L-1", quota_arn("GetServiceQuota", asked, prefix))
        self.assertIsNone(quota_arn("ListServices", {}, prefix))

    def test_deletion_of_versions(self):
        for entry, want in (("<Key>k</Key>", "s3:DeleteObject"),
                            ("<Key>k</Key><VersionId>v</VersionId>", "s3:DeleteObjectVersion")):
            body = f"<Delete><Object>{entry}</Object></Delete>".encode()
            self.assertEqual(want, action("s3", "POST", "/bucket", {}, body, {"delete": [""]}))
