"""Runs the commands of a README as written and compares what they print with what the README says they print.

Usage: readme.py README FOLDER [COMMAND...], where FOLDER is a copy of the checkout that the commands may write to, and
the COMMANDs are not run, because they were run before.

The convention, which any README keeps without trying:
- A fenced block marked `sh` is run, all in one shell, in order. Blocks marked otherwise are not.
- A block that is nothing but `cargo run --release`, with or without `serve`, starts the server. It runs until the end.
- A fenced block marked `text` or `json` after it is what it prints, on standard output and standard error together. Each
  line of it must be printed, in this order; other lines may be printed in between. `…` stands for anything. Ids, times,
  durations, hashes and secrets only have to be such.
- `NAME=…` takes the secret from the line of the server's output that has NAME, in any spelling, in it."""

import os
import re
import subprocess
import sys

from server import Server

# A cold build is part of the first command.
START_SECONDS = 1800
SERVER = re.compile(r"cargo run --release( -- serve\b.*)?")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
MASKS = [
    (r"\x1b\[[0-9;?]*[A-Za-z]", ""),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<id>"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "<time>"),
    (r"\b[0-9a-f]{16,}\b", "<hash>"),
    (r"\b[A-Za-z0-9_-]{32,}\b", "<secret>"),
    (r"\b\d+(\.\d+)? ?(ms|s|seconds?)\b", "<duration>"),
    (r"\s+", " "),
]
SECRET = re.compile(r"[A-Za-z0-9_-]{24,}")


def masked(line):
    """The line without what differs from run to run."""
    for pattern, mask in MASKS:
        line = re.sub(pattern, mask, line)
    return line.strip()


def first_missing(expected, output):
    """The first line of `expected` that `output` lacks, or `None`."""
    lines = iter([masked(line) for line in re.split(r"[\r\n]+", output)])
    for line in expected.splitlines():
        if not masked(line):
            continue
        pattern = ".*".join(re.escape(part) for part in masked(line).split("…"))
        if not any(re.fullmatch(pattern, printed) for printed in lines):
            return line
    return None


def blocks(readme):
    """Commands, each with what it prints or `None`."""
    found = []
    for kind, text in FENCE.findall(readme):
        if kind == "sh":
            found.append([text, None])
        elif kind in ("text", "json") and found and found[-1][1] is None:
            found[-1][1] = text
    return found


def filled(command, output):
    """The command with the secrets that a reader would copy from the server's output."""

    def secret(match):
        name = match[1].lower().replace("_", " ")
        for line in output.splitlines():
            if name in line.lower().replace("_", " ") and (found := SECRET.search(line)):
                return f"{match[1]}={found[0]}"
        raise RuntimeError(f"the server printed no secret beside `{name}`")

    return re.sub(r"\b([A-Z_]+)=…", secret, command)


class Shell:
    """One shell for all commands, as a reader has it."""

    END = "--- end of the block ---"

    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, command):
        """What the command prints, and its exit code. What it asks for on standard input is empty."""
        caught = "failed=0; trap 'failed=$?' ERR; set -o pipefail"
        script = f"{caught}\n{{\n{command}\n}} < /dev/null\nprintf '\\n%s %d\\n' '{self.END}' $failed\n"
        self.process.stdin.write(script.encode())
        self.process.stdin.flush()
        output = ""
        for line in self.process.stdout:
            line = line.decode("utf-8", "replace")
            if line.startswith(self.END):
                return output, int(line.split()[-1])
            output += line
        raise RuntimeError(f"the shell ended:\n{output}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def codes_told(command):
    """The exit codes that a comment in the command announces (`# exit 2`), or 0."""
    told = [int(code) for code in re.findall(r"#.*\bexits?(?: code| with)? (\d+)", command)]
    return told or [0]


def follow(readme, folder, done):
    """Runs all commands; the number of those that were run."""
    servers, count = [], 0
    with Shell(folder) as shell:
        try:
            for command, expected in blocks(readme):
                if command.strip() in done:
                    continue
                print(f"$ {command.strip()}", flush=True)
                count += 1
                if SERVER.fullmatch(command.strip()):
                    server = Server(["bash", "-c", f"exec {command.strip()}"], folder)
                    servers.append(server)
                    wanted = expected or "…http://…"
                    server.wait_for(lambda output: first_missing(wanted, output) is None, START_SECONDS)
                    print(server.output, flush=True)
                    continue
                said = "".join(server.output for server in servers)
                output, code = shell.run(filled(command, said))
                print(output, flush=True)
                if code not in codes_told(command):
                    raise RuntimeError(f"exit code {code}")
                if expected and (line := first_missing(expected, output)) is not None:
                    raise RuntimeError(f"the README says it prints: {line}")
        finally:
            for server in servers:
                server.__exit__()
    return count


def main(path, folder, *done):
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    try:
        count = follow(readme, os.path.abspath(folder), done)
    except RuntimeError as error:
        sys.exit(f"{path}: {error}")
    print(f"{path}: {count} blocks of commands run as written")
    if count == 0:
        sys.exit(f"{path}: no block of commands")


if __name__ == "__main__":
    main(*sys.argv[1:])
