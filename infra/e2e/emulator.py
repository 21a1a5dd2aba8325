"""Starts the emulator, with what it lacks put right: each gap is one that AWS does not have."""

import base64
import email.utils
import json

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import lambda_svc

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


lambda_svc._sqs_esm_concurrency = concurrency
iam_actions.extract_resource_arn = resource
iam_evaluator.enforce = enforce
ministack.app.main()
