import subprocess
import unittest
from types import SimpleNamespace
from unittest import mock

from ministack.core import lambda_runtime

from awssim import lambdas


class Killing(unittest.TestCase):
    def worker(self, function: str) -> SimpleNamespace:
        process = subprocess.Popen(["sleep", "60"])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return SimpleNamespace(func_name=function, _proc=process)

    def test_only_the_functions_processes_and_they_are_known_to_be_gone(self):
        first, second, other = self.worker("manager"), self.worker("manager"), self.worker("other")
        idle = SimpleNamespace(func_name="manager", _proc=None)
        with mock.patch.object(lambda_runtime, "_workers", {"a": [first, idle], "b": [second, other]}):
            self.assertEqual(2, lambdas.kill("manager"))
            self.assertEqual([-9, -9, None], [w._proc.returncode for w in (first, second, other)])
            self.assertEqual(0, lambdas.kill("manager"))
