import unittest

from awssim.change_sets import resources

TEMPLATE = {
    "Parameters": {"Make": {"Type": "String"}},
    "Conditions": {"Makes": {"Fn::Equals": [{"Ref": "Make"}, "true"]}},
    "Resources": {"Always": {"Type": "AWS::IAM::Role"}, "Sometimes": {"Type": "AWS::IAM::Role", "Condition": "Makes"}}}


class ChangeSets(unittest.TestCase):
    def names(self, template: dict, make: str) -> list[str]:
        return list(resources(template, {"Make": {"Value": make}}, "s", "id")["Resources"])

    def test_a_resource_counts_when_its_condition_holds(self):
        self.assertEqual(["Always", "Sometimes"], self.names(TEMPLATE, "true"))
        self.assertEqual(["Always"], self.names(TEMPLATE, "false"))

    def test_of_a_stack_that_is_new(self):
        self.assertEqual([], self.names({}, "true"))
