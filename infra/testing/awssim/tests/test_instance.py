import fcntl
import os
import subprocess
import tempfile
import unittest
from unittest import mock

from awssim import instance
from awssim.network import Loopback


class Instances(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        own = range(os.getpid() * 1000, os.getpid() * 1000 + 10)  # numbers that no running stand-in takes
        for patch in (mock.patch.object(tempfile, "tempdir", folder.name), mock.patch.object(instance, "NUMBERS", own)):
            patch.start()
            self.addCleanup(patch.stop)

    def test_two_have_different_numbers_folders_and_addresses(self):
        one, other = instance.Instance(), instance.Instance()
        self.addCleanup(one.close)
        self.addCleanup(other.close)
        self.assertNotEqual(one.number, other.number)
        self.assertNotEqual(one.folder, other.folder)
        addresses = {Loopback(i.number, 0).attach("t", "", False).private for i in (one, other)}
        self.assertEqual(2, len(addresses))

    def test_a_number_is_free_after_its_holder(self):
        one = instance.Instance()
        self.assertTrue(instance.is_alive(one.number))
        one.close()
        self.assertFalse(instance.is_alive(one.number))

    def test_only_the_dead_are_swept(self):
        living = instance.Instance()
        self.addCleanup(living.close)
        dead = tempfile.mkdtemp(prefix=instance.PREFIX)
        open(os.path.join(dead, "lock"), "w").close()
        process = subprocess.Popen(["sleep", "60"], env={**os.environ, "AWSSIM_STATE": dead})
        instance.Instance().close()
        self.assertEqual(-9, process.wait(5))
        self.assertFalse(os.path.exists(dead))
        self.assertTrue(os.path.exists(living.folder))

    def test_what_is_locked_is_alive(self):
        folder = tempfile.mkdtemp(prefix=instance.PREFIX)
        with open(os.path.join(folder, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual([], instance.dead_folders())
        self.assertEqual([folder], instance.dead_folders())
