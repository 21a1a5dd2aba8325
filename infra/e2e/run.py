"""Deploys the template on an emulator that enforces IAM, and uses it from outside as people and their servers do.

Usage: run.py TOOLS BUILT, the folder of the programs that requirements.txt brings, and what `sam build` has built.
Everything is on this machine, and ends with this process."""

import datetime
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import urllib.request

from cloud import REGION, ROOT, STACK, Cloud
from customer import Customer
from suites import sanity, scim2

PEOPLE = "tenants/acme/directories/people"
MAIL_FROM = "muster@acme.example"
HEADER = "status,loginName,mail,lastName\n"
FILE = HEADER + "active,bo,bo@acme.example,Berg\nactive,cy,cy@acme.example,Dahl\n"
NIGHTLY = HEADER + "active,eli,eli@acme.example,Frank\nactive,flo,flo@acme.example,Groth\n"
# Longer than any step takes: an invocation of a new function takes a second, and a schedule waits for its minute.
STEP_SECONDS = 90
ZONE = "acme.example"
HOST = f"eu.muster.{ZONE}"
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


def shell(cloud, folder, text):
    """What commands of the README print, in a folder with admin.key."""
    environment = {**os.environ, "CURL_CA_BUNDLE": cloud.certificate}
    done = subprocess.run(
        ["bash", "-eu"], input=text, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, timeout=STEP_SECONDS
    )
    check("end of commands of the README", 0, done.returncode)
    return done.stdout


def first_call(cloud, operator, outputs):
    """The way of the README from nothing to a first SCIM call; the token."""
    with open(f"{ROOT}/README.md") as file:
        deploying = file.read().split("## Deploy it")[1]
    commands = deploying.split("```")[3].replace("ADMIN=…", f"ADMIN={operator.base}")
    before, after = commands.split("SCIM=… TOKEN=…")
    with open(os.path.join(cloud.folder, "admin.key"), "w") as file:
        file.write(operator.key)
    token = re.search('"secret":"([^"]+)"', shell(cloud, cloud.folder, before))[1]
    made = shell(cloud, cloud.folder, f"SCIM={outputs['ScimBaseUrl']} TOKEN={token}{after}")
    check("the user that the README makes", "ann.keller", json.loads(made)["userName"])
    told("README: from nothing to a first SCIM call")
    return token


def provisioning(cloud, operator, outputs, token):
    """An identity provider creates, patches and finds a user."""
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


def upload(cloud, operator):
    """A file that is sent to an address of the bucket's is imported."""
    address = operator.send("POST", f"{PEOPLE}/uploads", {"configuration": "default", "name": "people.csv"}, 201)
    request = urllib.request.Request(address["url"], FILE.encode(), method="PUT")
    with urllib.request.urlopen(request, timeout=30, context=cloud.trust) as answer:
        check("PUT to the address", 200, answer.status)
    run = cloud.wait("a run of the upload", lambda: operator.latest_run("default"), STEP_SECONDS)
    run = operator.ended(run["id"])
    check("run of the upload", ("finished", 2), (run["state"], run["counts"]["created"]))
    told("upload: a file sent to a presigned address is imported")


def nightly(cloud, operator, customer):
    """A configuration fetches an encrypted file from a customer's server when its schedule fires."""
    path = f"{PEOPLE}/configurations/nightly"
    source = {
        "kind": "sftp",
        "url": f"sftp://127.0.0.1:{customer.port}{customer.out}/users.csv.pgp",
        "authentication": {"kind": "private-key", "username": subprocess.getoutput("id -un")},
    }
    document = {"name": "nightly", "source": source, "decryption": "pgp"}
    document["notifications"] = {"recipients": ["it@acme.example"]}
    operator.send("POST", f"{PEOPLE}/configurations", document, 201)
    customer.let_in(operator.send("POST", f"{path}/ssh-key", expected=201)["public_key"])
    key = operator.send("POST", f"{path}/pgp-keys", {"algorithm": "curve25519"}, 201)["id"]
    status, armoured = cloud.call("GET", f"{operator.base}/{path}/pgp-keys/{key}/public-key", operator.key)
    check("public key", 200, status)
    customer.take_key(armoured)
    customer.put("users.csv.pgp", NIGHTLY, key)
    diagnosis = operator.send("POST", f"{path}/test-access")
    failed = next(step for step in diagnosis["steps"] if step["status"] == "failed")
    check("the step that Test Access stops at", "host-key", failed["name"])
    with open(f"{customer.folder}/host.pub") as file:
        operator.send("PATCH", path, {"source": {"host_keys": [file.read()]}})
    diagnosis = operator.send("POST", f"{path}/test-access")
    check("Test Access", True, diagnosis["ok"])
    told("Test Access: goes the way to the file, and shows the key of the server first")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=2)
    operator.send("PATCH", path, {"schedule": {"time": soon.strftime("%H:%M"), "timezone": "UTC"}})
    run = cloud.wait("a run of the schedule", lambda: operator.latest_run("nightly"), SCHEDULE_SECONDS)
    run = operator.ended(run["id"])
    check("run of the schedule", ("finished", 2), (run["state"], run["counts"]["created"]))
    provenance = run["provenance"]
    check("the key that opened the file", key, provenance["pgp_key"])
    check("whether it was due", True, bool(provenance["due_at"]))
    told("schedule: fires, and the encrypted file of a customer's server is imported")


def mail(cloud, operator, customer):
    """A run that fails is told of, once."""
    cloud.client("ses").verify_email_identity(EmailAddress=MAIL_FROM)
    os.remove(os.path.join(customer.out, "users.csv.pgp"))
    run = operator.send("POST", f"{PEOPLE}/configurations/nightly/run", expected=202)
    run = operator.ended(run["id"])
    check("run without a file", "failed", run["state"])
    sent = cloud.wait("a message", cloud.sent, STEP_SECONDS)
    check("messages", [("it@acme.example",)], [tuple(message["To"]) for message in sent])
    for word in ("nightly", "There is no such file"):
        if word not in sent[0]["BodyText"]:
            raise RuntimeError(f"{word!r} is missing in the message: {sent[0]}")
    told("mail: a run that failed is told of")


def poison(cloud):
    """A message that nobody can do anything with ends among the dead letters, and nothing waits for it."""
    queues = cloud.client("sqs")
    queue, dead = (cloud.resource(name) for name in ("ImportQueue", "ImportDeadLetters"))
    # It comes again after an hour and a half as deployed.
    queues.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    queues.send_message(QueueUrl=queue, MessageBody="no event at all")

    def died():
        found = queues.receive_message(QueueUrl=dead)
        return found.get("Messages")

    check("dead letter", "no event at all", cloud.wait("a dead letter", died, STEP_SECONDS)[0]["Body"])
    told("poison: a message that cannot be read is a dead letter after its tries")


def alarms(cloud):
    """Each alarm reaches the topic, and looks at what the functions write."""
    found = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    topics = {topic["TopicArn"] for topic in cloud.client("sns").list_topics()["Topics"]}
    for alarm in found:
        check(f"whom {alarm['AlarmName']} reaches", topics, set(alarm["AlarmActions"]))
    wanted = {alarm["MetricName"] for alarm in found if alarm["Namespace"] == "Muster"}
    written = {name for line in cloud.lines() if '"_aws"' in line for name in json.loads(line)}
    check("metrics that no function writes", set(), wanted - written)
    check("the dashboard", 1, len(cloud.client("cloudwatch").list_dashboards()["DashboardEntries"]))
    told(f"{len(found)} alarms reach the topic, and look at metrics that the functions write")


FUNCTIONS = ("ScimApi", "Admin", "CsvImport", "SftpPull", "Mailer")


def roles(cloud, outputs):
    """What each function may do is refused to the others; what they do with it, the rest of this file shows."""
    bucket = f"arn:aws:s3:::{outputs['BucketName']}"
    account = cloud.client("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:{{}}:{REGION}:{account}:{{}}"
    table = arn.format("dynamodb", f"table/{outputs['TableName']}")
    queue = arn.format("sqs", cloud.resource("ImportQueue").rsplit("/", 1)[-1])
    key = arn.format("kms", f"key/{cloud.resource('SecretsKey')}")
    pull = arn.format("lambda", f"function:{cloud.resource('SftpPull')}")
    schedule = arn.format("scheduler", f"schedule/{cloud.resource('Schedules')}/x")
    logs = arn.format("logs", f"log-group:{cloud.resource('AdminLogs')}:*")
    allowed = [
        ("dynamodb:GetItem", table, FUNCTIONS),
        ("dynamodb:PutItem", table, FUNCTIONS),
        ("dynamodb:Query", f"{table}/index/index", FUNCTIONS),
        ("dynamodb:DeleteItem", table, ("ScimApi", "Admin", "CsvImport", "Mailer")),
        ("dynamodb:BatchGetItem", table, ("ScimApi", "Admin", "CsvImport")),
        ("dynamodb:Scan", table, ()),
        ("dynamodb:DeleteTable", table, ()),
        ("dynamodb:PutItem", table + "-of-another", ()),
        ("s3:PutObject", f"{bucket}/inbox/acme/people/default/x", ("Admin",)),
        ("s3:GetObject", f"{bucket}/inbox/acme/people/default/x", ("CsvImport",)),
        ("s3:PutObject", f"{bucket}/runs/acme/people/1/source", ("Admin", "CsvImport", "SftpPull")),
        ("s3:GetObject", f"{bucket}/runs/acme/people/1/source", ("Admin", "CsvImport")),
        ("s3:DeleteObject", f"{bucket}/runs/acme/people/1/source", ("CsvImport",)),
        ("s3:DeleteObject", f"{bucket}/inbox/acme/people/default/x", ()),
        ("s3:PutObject", f"{bucket}/elsewhere", ()),
        ("s3:GetObject", "arn:aws:s3:::another/inbox/x", ()),
        ("sqs:SendMessage", queue, ("Admin", "CsvImport", "SftpPull")),
        ("sqs:ReceiveMessage", queue, ("CsvImport",)),
        ("sqs:PurgeQueue", queue, ()),
        ("kms:GenerateDataKey", key, ("Admin",)),
        ("kms:Decrypt", key, ("SftpPull",)),
        ("kms:ScheduleKeyDeletion", key, ()),
        ("lambda:InvokeFunction", pull, ("Admin",)),
        ("scheduler:CreateSchedule", schedule, ("Admin",)),
        ("scheduler:CreateSchedule", schedule.replace(cloud.resource("Schedules"), "default"), ()),
        ("logs:PutLogEvents", logs, ("Admin",)),
        ("iam:PutRolePolicy", "*", ()),
    ]
    simulate = cloud.client("iam").simulate_principal_policy
    for function in FUNCTIONS:
        role = f"arn:aws:iam::{account}:role/{cloud.resource(function + 'Role')}"
        for action, resource, who in allowed:
            found = simulate(PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource])
            decision = found["EvaluationResults"][0]["EvalDecision"]
            check(f"{action} on {resource} by {function}", function in who, decision == "allowed")
    told(f"{len(allowed)} permissions: each function has its own, and is refused those of the others")


def everybody(cloud, operator):
    status, text = cloud.call("GET", f"{operator.base}/{PEOPLE}/export.csv", operator.key)
    check("export", 200, status)
    return sorted(text.splitlines())


def wrong_parameters(cloud):
    """What does not go together is refused before anything is changed, in words."""
    wrong = [
        ({"DomainName": HOST}, "needs a CertificateArn"),
        ({"SecondFixedAddress": "eipalloc-1"}, "needs a FixedAddress"),
        ({"FixedAddress": "eipalloc-1", "SubnetIds": "subnet-1", "SecurityGroupIds": "sg-1"}, "Give one of them"),
        ({"SubnetIds": "subnet-1,subnet-2"}, "need SecurityGroupIds"),
        ({"RestoredTable": "muster-restored"}, "needs its RestoredStream"),
    ]
    stacks = cloud.client("cloudformation")
    names = [parameter["ParameterKey"] for parameter in stacks.describe_stacks(StackName=STACK)["Stacks"][0]["Parameters"]]
    for more, words in wrong:
        given = [
            {"ParameterKey": name, **({"ParameterValue": more[name]} if name in more else {"UsePreviousValue": True})}
            for name in names
        ]
        change = {"StackName": STACK, "ChangeSetName": "wrong", "UsePreviousTemplate": True, "Parameters": given}
        try:
            stacks.create_change_set(**change, Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
        except stacks.exceptions.ClientError as error:
            if words not in str(error):
                raise
        else:
            raise RuntimeError(f"{more} was taken")
    told(f"{len(wrong)} sets of parameters that do not go together are refused")


def again(cloud, operator, template, parameters, token, outputs):
    """A template with all that can be had beside is deployed over the first one: nobody is lost, and tokens and addresses
    stay. The parameters that it has by then."""
    before = everybody(cloud, operator)
    ec2, zones = cloud.client("ec2"), cloud.client("route53")
    addresses = [ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2)]
    zone = zones.create_hosted_zone(Name=ZONE, CallerReference="e2e")["HostedZone"]["Id"].rsplit("/", 1)[-1]
    more = {
        **{"LogDays": "7", "RequestsPerSecond": "400", "Tracing": "on", "PullsAtOnce": "20", "MailIdentity": ZONE},
        **{"DomainName": HOST, "NamesBelow": "yes", "HostedZoneId": zone},
        **{"FixedAddress": addresses[0], "SecondFixedAddress": addresses[1]},
    }
    more = {**parameters, **more}
    found = cloud.deploy(template, **more)
    check("base URL", f"https://{HOST}/scim/v2", found["ScimBaseUrl"])
    check("people", before, everybody(cloud, operator))
    check("token", 200, cloud.call("GET", f"{outputs['ScimBaseUrl']}/Users", token)[0])
    check(f"token at {HOST}", 200, cloud.call("GET", "/scim/v2/Users", token, host=HOST)[0])
    # The emulator does not resolve names below one.
    below = cloud.client("apigatewayv2").get_api_mappings(DomainName=f"*.{HOST}")["Items"]
    check("mapping of names below", 1, len(below))
    records = zones.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    names = {record["Name"].rstrip(".").replace("\\052", "*") for record in records if record["Type"] == "A"}
    check("records", {HOST, f"*.{HOST}"}, names)
    function = cloud.client("lambda").get_function_configuration(FunctionName=cloud.resource("Mailer"))
    check("tracing", "Active", function["TracingConfig"]["Mode"])
    gateways = ec2.describe_nat_gateways()["NatGateways"]
    check("NAT gateways", 2, len(gateways))
    check("records for SES", 3, found["MailRecords"].count("_domainkey"))
    told("a second deployment with host names, fixed addresses, tracing and a domain of mail loses nothing")
    return more


def restored(cloud, operator, template, parameters, token, outputs):
    """The table is set back to a point in time, as docs/operations.md says: who was removed since is there again."""
    tables, users = cloud.client("dynamodb"), f"{outputs['ScimBaseUrl']}/Users"
    before = everybody(cloud, operator)
    name = "muster-restored"
    tables.restore_table_to_point_in_time(
        SourceTableName=outputs["TableName"], TargetTableName=name, UseLatestRestorableTime=True
    )
    tables.get_waiter("table_exists").wait(TableName=name)
    _, found = cloud.call("GET", f"{users}?count=2", token)
    for user in found["Resources"]:
        check("removal by mistake", 204, cloud.call("DELETE", f"{users}/{user['id']}", token)[0])
    check("people after it", len(before) - 2, len(everybody(cloud, operator)))
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    tables.update_table(TableName=name, DeletionProtectionEnabled=True, StreamSpecification=stream)
    lifetime = {"Enabled": True, "AttributeName": "ttl"}
    tables.update_time_to_live(TableName=name, TimeToLiveSpecification=lifetime)
    recovery = {"PointInTimeRecoveryEnabled": True}
    tables.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    arn = tables.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    deployed = cloud.deploy(template, **parameters, RestoredTable=name, RestoredStream=arn)
    check("table", name, deployed["TableName"])
    check("people after the restore", before, everybody(cloud, operator))
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "gus"}
    check("a new user", 201, cloud.call("POST", users, token, body, "application/scim+json")[0])
    check("people in the end", len(before) + 1, len(everybody(cloud, operator)))
    told("restore: the table of a point in time takes the place of the one that was damaged")


def refused(cloud, operator, outputs, token):
    """Each function in the role of another is refused what it is not for, while it runs."""
    functions, queues = cloud.client("lambda"), cloud.client("sqs")
    account = cloud.client("sts").get_caller_identity()["Account"]
    nightly = f"{operator.base}/{PEOPLE}/configurations/nightly"
    sweep = {"QueueUrl": cloud.resource("ImportQueue"), "MessageBody": '{"sweep":true}'}
    tries = [
        ("ScimApi", "Mailer", "dynamodb:Query", lambda: cloud.call("GET", f"{outputs['ScimBaseUrl']}/Users", token)),
        ("Admin", "ScimApi", "kms:GenerateDataKey", lambda: cloud.call("POST", f"{nightly}/ssh-key", operator.key)),
        ("CsvImport", "SftpPull", "s3:ListBucket", lambda: queues.send_message(**sweep)),
        ("SftpPull", "CsvImport", "kms:Decrypt", lambda: cloud.call("POST", f"{nightly}/test-access", operator.key)),
        ("Mailer", "ScimApi", "SES answered 403", lambda: cloud.call("POST", f"{nightly}/run", operator.key)),
    ]
    for function, other, words, act in tries:
        name = cloud.resource(function)
        own = functions.get_function_configuration(FunctionName=name)
        role = f"arn:aws:iam::{account}:role/{cloud.resource(other + 'Role')}"
        # The emulator replaces instances that run only where the time limit is said too, even if it stays.
        functions.update_function_configuration(FunctionName=name, Role=role, Timeout=own["Timeout"])
        act()

        def said():
            return any("AccessDenied" in line and words in line for line in cloud.lines(name))

        cloud.wait(f"refusal ({words}) to {function} in the role of {other}", said, STEP_SECONDS)
        functions.update_function_configuration(FunctionName=name, Role=own["Role"], Timeout=own["Timeout"])
    check("users", 200, cloud.call("GET", f"{outputs['ScimBaseUrl']}/Users", token)[0])
    told("each function in the role of another is refused while it runs, and says what")


def suites(outputs, token):
    """The public suites for SCIM servers."""
    for suite in (scim2, sanity):
        if not suite(outputs["ScimBaseUrl"], token):
            raise RuntimeError(f"{suite.__name__} does not pass against the deployed API")
    told("scim2-tester and scim-sanity pass against the deployed API")


def gone(cloud, outputs):
    """The stack is deleted; what people have entrusted to it stays."""
    stacks = cloud.client("cloudformation")
    stacks.delete_stack(StackName=STACK)
    stacks.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 2, "MaxAttempts": 60})
    check("table", True, outputs["TableName"] in cloud.client("dynamodb").list_tables()["TableNames"])
    buckets = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
    check("bucket", True, outputs["BucketName"] in buckets)
    check("functions", [], cloud.client("lambda").list_functions()["Functions"])
    told("the stack is deleted, and table and bucket are kept")


def main(tools, built):
    with tempfile.TemporaryDirectory() as folder, Cloud(tools, folder) as cloud:
        template = os.path.join(built, "template.yaml")
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
        roles(cloud, outputs)
        operator = Operator(cloud, outputs, key)
        token = first_call(cloud, operator, outputs)
        provisioning(cloud, operator, outputs, token)
        upload(cloud, operator)
        with tempfile.TemporaryDirectory() as place, Customer(place) as customer:
            nightly(cloud, operator, customer)
            mail(cloud, operator, customer)
        poison(cloud)
        alarms(cloud)
        refused(cloud, operator, outputs, token)
        wrong_parameters(cloud)
        parameters = again(cloud, operator, template, parameters, token, outputs)
        restored(cloud, operator, template, parameters, token, outputs)
        suites(outputs, token)
        gone(cloud, outputs)


if __name__ == "__main__":
    main(*map(os.path.abspath, sys.argv[1:]))
