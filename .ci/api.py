"""Sends the admin API requests of every kind that its OpenAPI document describes, and broken ones, and holds the answers
against the document: no server error, no status, type, header or body that it does not describe, no operation without
the key, nothing left of what was deleted.

Usage: api.py MUSTER, the path of the command."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request

from server import Server

# The same requests every time.
SEED = "20260101"
# Requests of each kind for an operation; with these it takes a minute.
EXAMPLES = "30"
# Longer means that something hangs.
SECONDS = 600
# When API Gateway gives up on an answer: a key of RSA takes seconds to make.
ANSWER_SECONDS = "29"

# A random name is mostly nobody's, so the tenant and the directory are those of the demo, and there is one run.
CONFIG = """
[parameters]
"path.tenant" = "acme"
"path.directory" = "people"
"path.id" = "{run}"
"""
FILE = b"status,mail,lastName\nactive,ada@acme.example,Lovelace\nactive,,Nobody\n"

# Two things that no schema can say: that a request is refused for a rule beyond its form (two columns for one target, a
# moment that is over, a cursor that nobody was given), and that null resets a member within a member.
NOT_CHECKED = "positive_data_acceptance,negative_data_rejection"


def ready(output):
    """The line of JSON by which `serve --json` says that it listens."""
    for line in output.splitlines():
        if line.startswith("{") and line.endswith("}"):
            return json.loads(line)
    return None


def preview(facts):
    """The id of a run that waits for a decision."""
    request = urllib.request.Request(
        f"{facts['admin_base']}/tenants/acme/directories/people/preview",
        FILE,
        {"Authorization": f"Bearer {facts['admin_key']}", "Content-Type": "text/csv"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["id"]


def main(muster):
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "schemathesis.toml")
        serve = [muster, "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/data", "--json"]
        with Server(serve, folder) as server:
            facts = server.wait_for(ready, 60)
            with open(config, "w") as file:
                file.write(CONFIG.format(run=preview(facts)))
            command = ["schemathesis", "--config-file", config, "run", f"{facts['admin_base']}/openapi.json"]
            command += ["--header", f"Authorization: Bearer {facts['admin_key']}", "--seed", SEED]
            command += ["--max-examples", EXAMPLES, "--no-shrink", "--request-timeout", ANSWER_SECONDS]
            command += ["--checks", "all", "--exclude-checks", NOT_CHECKED]
            environment = {**os.environ, "NO_COLOR": "1"}
            code = subprocess.run(command, cwd=folder, env=environment, timeout=SECONDS).returncode
            if server.process.poll() is not None:
                sys.exit(f"the server ended:\n{server.output}")
    sys.exit(code)


main(os.path.abspath(sys.argv[1]))
