"""Looks at each template with the parameters that each cluster gives it, through cfn-lint and cloudformation-validate."""

import sys

import cfnlint.api
from cfnlint.config import ManualArgs
from cfnlint.context.parameters import ParameterSet
from cfnlint.decode.decode import decode_str
from cloudformation_validate import CompositeEngine, Severity, ValidateConfig

import golden

# What cloudformation-validate says of templates that are right, rule by rule.
EXPECTED = {
    "W1001": "",  # it doesn't see that the condition of an !If is the one that the resource is made under
    "W1028": "",  # with parameters given, one branch of every !If is never reached
    "W1030": "",  # it holds the default of a parameter against the property even where a condition keeps it away from there
    "E1154": "'' does not match format 'AWS::EC2::Subnet.Id'",  # the same for a list of subnets
}


def cfn_lint(kind, parameters):
    declared = decode_str(golden.template(kind).read_text())[0]["Parameters"]
    typed = {name: value.split(",") if declared[name]["Type"] == "CommaDelimitedList" else value for name, value in parameters.items()}
    arguments = ManualArgs(parameters=[ParameterSet(source=None, parameters=typed)], include_checks=["I"])
    for match in cfnlint.api.lint_file(golden.template(kind), config=arguments):
        yield f"{match.rule.id} line {match.linenumber}: {match.message}"


ENGINE = CompositeEngine()


def cloudformation_validate(kind, parameters):
    config = ValidateConfig(parameter_overrides=parameters, severity_level=Severity.WARN)
    for d in ENGINE.validate_template(golden.template(kind), config).diagnostics:
        if d.rule_id not in EXPECTED or EXPECTED[d.rule_id] not in d.message:
            yield f"{d.rule_id}: {d.message}"


def main():
    found = 0
    for cluster, kind, stack in golden.each("stacks"):
        for tool in (cfn_lint, cloudformation_validate):
            for finding in tool(kind, stack["Parameters"]):
                print(f"{kind}.yaml for {cluster}: {tool.__name__}: {finding}")
                found += 1
    return found > 0


if __name__ == "__main__":
    sys.exit(main())
