"""The emulator on a port of its own, the stack in it, and those who call it."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.join(ROOT, ".ci"))

from server import Server  # noqa: E402

REGION = "us-east-1"
STACK = "muster"
ADDRESS = "127.0.0.1"
# What a caller outside AWS waits for at most: API Gateway gives up after 30 s.
ANSWER_SECONDS = 35
START_SECONDS = 60
DEPLOY_SECONDS = 600


def free_port():
    with socket.socket() as free:
        free.bind((ADDRESS, 0))
        return free.getsockname()[1]


def certificate(folder):
    """A key and its certificate for every name that the emulator answers to; the paths."""
    paths = [os.path.join(folder, name) for name in ("tls.crt", "tls.key")]
    names = f"IP:{ADDRESS},DNS:localhost,DNS:*.localhost,DNS:*.execute-api.localhost"
    options = [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature,keyEncipherment",
        "extendedKeyUsage=serverAuth",
        f"subjectAltName={names}",
    ]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
    command += ["-out", paths[0], "-keyout", paths[1]]
    for option in options:
        command += ["-addext", option]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return paths


class Cloud:
    """AWS as far as the template needs it. `tools` is the folder of the programs, `folder` where everything is written."""

    def __init__(self, tools, folder):
        self.tools, self.folder, self.port = tools, folder, free_port()
        self.certificate, key = certificate(folder)
        self.endpoint = f"https://{ADDRESS}:{self.port}"
        # Nothing of the machine's own: the functions inherit this, and would call the real AWS with credentials of it.
        self.environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": folder,
            "TMPDIR": folder,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": self.certificate,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }
        self.credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        settings = {
            "BIND_HOST": ADDRESS,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "localhost",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": self.certificate,
            "MINISTACK_SSL_KEY": key,
            "SSL_CERT_FILE": self.certificate,
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        environment = {key: value for key, value in self.environment.items() if key != "AWS_CA_BUNDLE"}
        command = ["env", "-i"] + [f"{key}={value}" for key, value in {**environment, **settings}.items()]
        self.server = Server(command + [f"{tools}/python", f"{HERE}/emulator.py"], folder)
        self.trust = ssl.create_default_context(cafile=self.certificate)
        self.server.wait_for(lambda _: self._is_up(), START_SECONDS)

    def _is_up(self):
        try:
            return self.get("/_ministack/ready")
        except OSError:
            return None

    def get(self, path):
        """What the emulator itself tells."""
        with urllib.request.urlopen(self.endpoint + path, timeout=10, context=self.trust) as answer:
            return json.load(answer)

    def client(self, service):
        """A client of the account's owner."""
        names = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, REGION, endpoint_url=self.endpoint, verify=self.certificate, **names)

    def sam(self, *arguments):
        """Runs SAM; what it says is in the error where it fails."""
        environment = {**self.environment, **self.credentials, "SAM_CLI_TELEMETRY": "0"}
        done = subprocess.run(
            [f"{self.tools}/sam", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEPLOY_SECONDS,
        )
        if done.returncode:
            raise RuntimeError(f"sam {arguments[0]} failed:\n{done.stdout[-6000:]}\n{self.server.output[-3000:]}")
        return done.stdout

    def deploy(self, template, **parameters):
        """By a change set, as a person does; the outputs of the stack."""
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        self.sam(
            *("deploy", "--template", template, "--stack-name", STACK, "--resolve-s3", "--no-confirm-changeset"),
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
            *("--no-progressbar", "--parameter-overrides", *overrides),
        )
        return self.outputs()

    def outputs(self):
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def resource(self, name):
        """What a resource of the template is called in the account."""
        found = self.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def call(self, method, url, secret, body=None, kind="application/json", host=None):
        """The status and the document of an answer of the deployed API, or of that behind another host name."""
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        if host:
            url, headers["Host"] = self.endpoint + url, host
        if data is not None:
            headers["Content-Type"] = kind
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS, context=self.trust) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return status, text.decode("utf-8", "replace")

    def sent(self):
        """The messages that went out."""
        return [message for account in self.get("/_ministack/ses/messages")["messages"].values() for message in account]

    def lines(self, function=None):
        """What the functions have written, or one of them."""
        logs, functions = self.client("logs"), self.client("lambda")
        if function:
            settings = functions.get_function_configuration(FunctionName=function)["LoggingConfig"]
            groups = [{"logGroupName": settings["LogGroup"]}]
        else:
            groups = logs.describe_log_groups()["logGroups"]
        for group in groups:
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
                yield event["message"].strip()

    def logged(self):
        """The last of it, where something has gone wrong."""
        told = [line for line in self.lines() if not line.startswith(("START ", "END ", "REPORT "))]
        return "\n".join(told[-40:])

    def wait(self, what, found, seconds):
        """The first true answer of `found()`, asked once a second."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if answer := found():
                return answer
            time.sleep(1)
        raise RuntimeError(f"{what}: not within {seconds} s\n{self.logged()}")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)
