"""Starts the emulator, with what it lacks put right: each gap is one that AWS does not have."""

import base64
import email.utils
import json
import re

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import ec2, lambda_svc
from ministack.services.cloudformation import provisioners

_concurrency = lambda_svc._sqs_esm_concurrency
_resource = iam_actions.extract_resource_arn
_enforce = iam_evaluator.enforce


# CloudFormation gives a parameter of type Number to a property that wants one as such; here it arrives as text.
def concurrency(source, *rest):
    scaling = source.get("ScalingConfig") or {}
    if "MaximumConcurrency" in scaling:
        scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
    return _concurrency(source, *rest)


def one(value):
    return value[0] if isinstance(value, list) else value


def sender(query):
    """The address that a message is sent from."""
    message = email.message_from_bytes(base64.b64decode(one(query["RawMessage.Data"])))
    return email.utils.parseaddr(message["From"])[1]


# A schedule belongs to its group, and a role that may change those of one group may not change others; here all would be
# of the group `default`. A message is sent in the name of its sender's identity; here in nobody's.
def resource(service, method, path, headers, body, query, region, account, *rest, **named):
    found = _resource(service, method, path, headers, body, query, region, account, *rest, **named)
    if service == "scheduler" and ":schedule/default/" in found:
        group = one(query.get("groupName")) or (json.loads(body).get("GroupName") if body else None)
        found = found.replace(":schedule/default/", f":schedule/{group or 'default'}/")
    if service == "ses" and one(query.get("Action")) == "SendRawEmail":
        found = f"arn:aws:ses:{region}:{account}:identity/{sender(query)}"
    return found


# What a policy may say of the sender (`ses:FromAddress`).
def enforce(access_key, action, service, region, *rest, resource_arn="*", service_context=None, **named):
    context = dict(service_context or {})
    if action == "ses:SendRawEmail":
        context["ses:fromaddress"] = resource_arn.split("identity/")[-1]
    return _enforce(access_key, action, service, region, *rest, resource_arn=resource_arn, service_context=context, **named)


# It has NAT gateways, and CloudFormation there does not know them.
def nat_gateway(name, properties, stack):
    _, _, answer = ec2._create_nat_gateway({key: [value] for key, value in properties.items()})
    gateway = re.search("<natGatewayId>(.*?)<", answer if isinstance(answer, str) else answer.decode())[1]
    return gateway, {"NatGatewayId": gateway}


def no_nat_gateway(gateway, properties):
    ec2._delete_nat_gateway({"NatGatewayId": [gateway]})


# It makes the keys of an identity and does not tell the template of them.
_identity = provisioners._RESOURCE_HANDLERS["AWS::SES::EmailIdentity"]
_create_identity = _identity["create"]


def identity(name, properties, stack):
    made, attributes = _create_identity(name, properties, stack)
    for at in "123":
        attributes[f"DkimDNSTokenName{at}"] = f"key{at}._domainkey.{made}"
        attributes[f"DkimDNSTokenValue{at}"] = f"key{at}.dkim.amazonses.com"
    return made, attributes


# What a resource of a nested stack has told of itself when it was made, it still tells when the stack is updated; here it
# forgets.
_provision, _update = provisioners._provision_resource, provisioners._update_resource
_told = {}


def provision(*arguments, **named):
    made, attributes = _provision(*arguments, **named)
    _told[made] = attributes
    return made, attributes


def update(*arguments, **named):
    made, attributes = _update(*arguments, **named)
    return made, {**_told.get(made, {}), **(attributes or {})}


provisioners._provision_resource = provision
provisioners._update_resource = update
_identity["create"] = identity
provisioners._RESOURCE_HANDLERS["AWS::EC2::NatGateway"] = {"create": nat_gateway, "delete": no_nat_gateway}
lambda_svc._sqs_esm_concurrency = concurrency
iam_actions.extract_resource_arn = resource
iam_evaluator.enforce = enforce
ministack.app.main()
