"""Prints a SAM template as the CloudFormation that SAM makes of it, for cfn-lint: some mistakes show only there."""

import json
import sys

import yaml
from boto3 import Session
from samtranslator.parser.parser import Parser
from samtranslator.sdk.parameter import SamParameterValues
from samtranslator.translator.translator import Translator

# Any region will do; it fills in AWS::Region.
SESSION = Session(region_name="eu-central-1")


class Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""


def function(loader, suffix, node):
    """`!Sub x` as `{"Fn::Sub": x}`."""
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", function)


def translated(path):
    """The CloudFormation form of the template at `path`."""
    with open(path, encoding="utf-8") as file:
        template = yaml.load(file, Loader)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        # SAM uploads the code and puts its address here; nothing is uploaded for a check.
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = {"Bucket": "code", "Key": "code"}
    parameters = SamParameterValues({})
    parameters.add_default_parameter_values(template)
    parameters.add_pseudo_parameter_values(SESSION)
    translator = Translator({}, Parser(), boto_session=SESSION)
    return translator.translate(template, parameters.parameter_values)


print(json.dumps(translated(sys.argv[1]), indent=2))
