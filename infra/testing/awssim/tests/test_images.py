import unittest
from types import SimpleNamespace

from awssim.images import ECR, HostCommand, Images, NoSuchImage

REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bbf/c/server"


class Resolving(unittest.TestCase):
    def setUp(self):
        settings = SimpleNamespace(images=lambda: {"c/server": {"argv": ["sleep", "1"]}})
        self.images = Images(settings, port=1, folder="/nowhere")

    def test_a_part_of_the_name_stands_for_a_command(self):
        self.assertEqual(HostCommand(["sleep", "1"], {}), self.images.resolve(REPOSITORY + ":current"))

    def test_other_registries_are_not_reached(self):
        with self.assertRaises(NoSuchImage):
            self.images.resolve("debian:bookworm")

    def test_an_image_that_cannot_be_pulled_is_not_there(self):
        with self.assertRaises(NoSuchImage):  # nothing listens on port 1
            self.images.resolve(REPOSITORY.replace("server", "worker") + ":current")

    def test_tags_and_digests(self):
        self.assertEqual("current", ECR.match(REPOSITORY + ":current")["tag"])
        self.assertEqual("sha256:ab", ECR.match(REPOSITORY + "@sha256:ab")["digest"])
        self.assertEqual("bbf/c/server", ECR.match(REPOSITORY)["repository"])
