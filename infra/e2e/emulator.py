"""Starts the emulator, with what it lacks put right: each gap is one that AWS does not have."""

import json

import ministack.app
from ministack.core import iam_actions
from ministack.services import lambda_svc

_concurrency = lambda_svc._sqs_esm_concurrency


# CloudFormation gives a parameter of type Number to a property that wants one as such; here it arrives as text.
def concurrency(source, *rest):
    scaling = source.get("ScalingConfig") or {}
    if "MaximumConcurrency" in scaling:
        scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
    return _concurrency(source, *rest)


lambda_svc._sqs_esm_concurrency = concurrency

_resource = iam_actions.extract_resource_arn


# A schedule belongs to its group, and a role that may change those of one group may not change others; here all would be
# of the group `default`.
def resource(service, method, path, headers, body, query, *rest, **named):
    found = _resource(service, method, path, headers, body, query, *rest, **named)
    if service == "scheduler" and ":schedule/default/" in found:
        group = query.get("groupName") or (json.loads(body).get("GroupName") if body else None)
        group = group[0] if isinstance(group, list) else group
        found = found.replace(":schedule/default/", f":schedule/{group or 'default'}/")
    return found


iam_actions.extract_resource_arn = resource
ministack.app.main()
