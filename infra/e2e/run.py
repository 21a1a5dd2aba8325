"""Deploys the built template on an emulator that enforces IAM, and uses it from outside as people and their servers do.

Usage: run.py TOOLS TEMPLATE, the folder of the programs that requirements.txt brings, and the template that
`sam build` has written. Everything is on this machine, and ends with this process."""

import base64
import datetime
import email
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import yaml

from cloud import STACK, Cloud
from customer import Customer
from suites import sanity, scim2

PEOPLE = "tenants/acme/directories/people"
MAIL_FROM = "muster@acme.example"
HEADER = "status,loginName,mail,lastName\n"
FILE = HEADER + "active,bo,bo@acme.example,Berg\nactive,cy,cy@acme.example,Dahl\n"
NIGHTLY = HEADER + "active,eli,eli@acme.example,Frank\nactive,flo,flo@acme.example,Groth\n"
# Longer than any step takes: an invocation of a new function takes a second, and a schedule waits for its minute.
STEP_SECONDS = 90
SCHEDULE_SECONDS = 240


def check(what, wanted, found):
    """Fails with both where they differ."""
    if wanted != found:
        raise RuntimeError(f"{what}: {wanted!r} was expected, and there was {found!r}")


def told(what):
    print(f"ok  {what}", flush=True)


class Operator:
    """Whoever has the operator's key."""

    def __init__(self, cloud, outputs, key):
        self.cloud, self.base, self.key = cloud, outputs["AdminBaseUrl"], key

    def send(self, method, path, body=None, expected=200):
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        status, document = self.cloud.call(method, f"{self.base}/{path}", self.key, body, kind)
        if status != expected:
            raise RuntimeError(f"{method} {path}: {status} {document}\n{self.cloud.logged()}")
        return document

    def ended(self, run):
        """A run once it is over."""

        def over():
            found = self.send("GET", f"{PEOPLE}/runs/{run}")
            return found if found["state"] in ("finished", "failed", "held") else None

        return self.cloud.wait(f"the end of run {run}", over, STEP_SECONDS)

    def latest_run(self, configuration):
        runs = self.send("GET", f"{PEOPLE}/runs?configuration={configuration}")["items"]
        return runs[0] if runs else None


def provisioning(cloud, operator, outputs):
    """A tenant is made, and its identity provider creates, patches and finds a user."""
    operator.send("POST", "tenants", {"name": "acme"}, 201)
    operator.send("POST", "tenants/acme/directories", {"name": "people"}, 201)
    token = operator.send("POST", f"{PEOPLE}/tokens", {"kind": "scim"}, 201)["secret"]
    users = f"{outputs['ScimBaseUrl']}/Users"
    scim = "application/scim+json"
    ann = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann"}
    status, user = cloud.call("POST", users, token, ann, scim)
    check("POST", 201, status)
    patch = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": False}],
    }
    status, patched = cloud.call("PATCH", f"{users}/{user['id']}", token, patch, scim)
    check("PATCH", (200, False), (status, patched.get("active")))
    status, found = cloud.call("GET", f"{users}?filter=userName+eq+%22ANN%22", token)
    check("filter", (200, [user["id"]]), (status, [one["id"] for one in found["Resources"]]))
    check("without a token", 401, cloud.call("GET", users, None)[0])
    check("with another key", 401, cloud.call("GET", f"{operator.base}/tenants", "no-such-key")[0])
    told("SCIM: a user is created, patched and found with a token of the admin API")
    return token


def upload(cloud, operator, outputs):
    """A file that is sent to an address of the bucket's is imported."""
    operator.send("POST", f"{PEOPLE}/configurations", {"name": "default"}, 201)
    address = operator.send("POST", f"{PEOPLE}/uploads", {"configuration": "default", "name": "people.csv"}, 201)
    request = urllib.request.Request(address["url"], FILE.encode(), method="PUT")
    with urllib.request.urlopen(request, timeout=30, context=cloud.trust) as answer:
        check("PUT to the address", 200, answer.status)
    run = cloud.wait("a run of the upload", lambda: operator.latest_run("default"), STEP_SECONDS)
    run = operator.ended(run["id"])
    check("run of the upload", ("finished", 2), (run["state"], run["counts"]["created"]))
    told("upload: a file sent to a presigned address is imported")


def main(tools, template):
    with tempfile.TemporaryDirectory() as folder, Cloud(tools, folder) as cloud:
        os.environ.update(SSL_CERT_FILE=cloud.certificate, REQUESTS_CA_BUNDLE=cloud.certificate)
        key = secrets.token_hex(32)
        parameters = {
            "Architecture": "x86_64",
            "AdminKeySha256": hashlib.sha256(key.encode()).hexdigest(),
            "MailFrom": MAIL_FROM,
            "SftpAllow": "127.0.0.0/8",
        }
        outputs = cloud.deploy(template, **parameters)
        told("the stack is deployed by a change set")
        operator = Operator(cloud, outputs, key)
        token = provisioning(cloud, operator, outputs)
        upload(cloud, operator, outputs)


if __name__ == "__main__":
    main(*map(os.path.abspath, sys.argv[1:]))
