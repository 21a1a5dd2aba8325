"""Runs the public suites for SCIM servers against a tolerant and a strict directory, on both stores.

Usage: suites.py MUSTER STAGE, the paths of the command, which keeps its data in a file, and of the program that serves
the same API on an emulated DynamoDB."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

from server import Server

# What scim2-tester says of a check that the server did not pass. SKIPPED is a check that had nothing to look at.
FAILED = re.compile(r"^(DEVIATION|ERROR|CRITICAL)\b")
PASSED = re.compile(r"^(SUCCESS|COMPLIANT|ACCEPTABLE)\b")
# Fewer mean that the suite did not get as far as the resources.
LEAST_PASSED = 20
# The checks of scim2-tester on the schemas that every directory has; more schemas mean more of them.
LEAST_SCIM2 = 150


def ready(output):
    """The line of JSON by which `serve --json` says that it listens."""
    for line in output.splitlines():
        if line.startswith("{") and line.endswith("}"):
            return json.loads(line)
    return None


def run(*command, **environment):
    """Runs a suite, shows what it says, and returns that with its exit code."""
    environment = {**os.environ, "NO_COLOR": "1", **environment}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, flush=True)
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout), done.returncode


# A strict directory declares `interopProfileConformant`, an attribute of the interoperability profile that the suite's
# model of ServiceProviderConfig does not have and takes for an error. Everything else it checks as it is.
SCIM2 = """
from scim2_models import ServiceProviderConfig
ServiceProviderConfig.model_config["extra"] = "ignore"
ServiceProviderConfig.model_rebuild(force=True)
from scim2_cli import cli
cli()
"""


def scim2(base, token):
    """scim2-cli ends with 1 for a skipped check too, so its lines are read."""
    command = [sys.executable, "-c", SCIM2, "--url", base, "test"]
    output, code = run(*command, SCIM_CLI_HEADERS=f"Authorization: Bearer {token}")
    failed = [line for line in output.splitlines() if FAILED.match(line)]
    passed = [line for line in output.splitlines() if PASSED.match(line)]
    print(f"scim2-tester: {len(passed)} passed, {len(failed)} failed")
    return not failed and len(passed) >= LEAST_SCIM2 and code in (0, 1) and "Traceback" not in output


# It adds a member whose id was never given to anybody and wants a 200 for it. A group that lists nobody hides a
# mistake in who may enter, so such a member is refused; that this one check fails is what we promise.
REFUSED = ["PATCH /Groups/{id} add member"]


def sanity(base, token):
    """Everything passes but what is refused on purpose."""
    output, _ = run("scim-sanity", "probe", base, "--token", token, "--i-accept-side-effects")
    failed = re.findall(r"^\s*\[(?:FAIL|ERROR)\] (.*?)\s*$", output, re.MULTILINE)
    passed = re.findall(r"^\s*\[PASS\] ", output, re.MULTILINE)
    print(f"scim-sanity: {len(passed)} passed, failed: {failed}, of which refused on purpose: {REFUSED}")
    return failed == REFUSED and len(passed) >= LEAST_PASSED


def make_strict(facts):
    """By the admin API, as an operator does."""
    url = f"{facts['admin_base']}/tenants/acme/directories/people"
    headers = {"Authorization": f"Bearer {facts['admin_key']}", "Content-Type": "application/merge-patch+json"}
    request = urllib.request.Request(url, b'{"profile": "strict"}', headers, method="PATCH")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["profile"] == "strict"


def both(command, folder, profile, name):
    """The names of the suites that fail."""
    print(f"\n== {name}, profile {profile}", flush=True)
    with Server(command, folder) as server:
        facts = server.wait_for(ready, 60)
        if profile == "strict" and "admin_key" in facts:
            make_strict(facts)
        results = {suite.__name__: suite(facts["scim_base"], facts["scim_token"]) for suite in (scim2, sanity)}
    return [f"{suite} ({name}, {profile})" for suite, passed in results.items() if not passed]


def main(muster, stage):
    failed = []
    for profile in ("standard", "strict"):
        with tempfile.TemporaryDirectory() as folder:
            serve = [muster, "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/data", "--json"]
            failed += both(serve, folder, profile, "file")
            failed += both([stage, "--profile", profile], folder, profile, "DynamoDB")
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main(*map(os.path.abspath, sys.argv[1:]))
