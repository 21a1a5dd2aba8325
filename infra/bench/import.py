"""Imports a file of made-up people twice into a new data folder, and says how fast that was and what it took.

Usage: import.py MUSTER ROWS, the path of the command and the number of people.

The first time every row is a new user, the second time no row changes anything; anything else is an error. The last
line of the output is the figures as JSON."""

import csv
import json
import os
import sys
import tempfile
import time

FIRST = ["Ann", "Jürgen", "Zoë", "Li", '"Bob" Robert', "Søren", "María", "Œuvre-Aïda"]
LAST = ["Müller", "Smith", "O'Neill", "Weiß; Schwarz", "García", "Jones, Jr.", "Novák"]
HEADER = ["status", "loginName", "mail", "firstName", "lastName", "language", "location", "division"]


def write_people(path, rows):
    """A file as spreadsheets export it; every seventh cell or so needs quotation marks."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        people = csv.writer(file)
        people.writerow(HEADER)
        for row in range(rows):
            first, last = FIRST[row % len(FIRST)], LAST[row // 3 % len(LAST)]
            mail = f"user.{row}@acme.example"
            people.writerow(["active", f"user.{row}", mail, first, last, "de-DE", f"Berlin; Nord {row % 9}", "Sales"])


def run(command):
    """Seconds, peak resident memory in MB, and the JSON of a command that must end with 0."""
    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        child = os.posix_spawnp(
            command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        )
        _, status, usage = os.wait4(child, 0)
        seconds = time.monotonic() - started
        output.seek(0)
        text = output.read().decode()
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command} ended with {code}:\n{text}")
    # Linux counts in KB.
    return seconds, usage.ru_maxrss / 1024, json.loads(text.splitlines()[-1])


def expect(counts, outcome, rows):
    """Every row came to this outcome, and none to another."""
    if {name: count for name, count in counts.items() if count} != {outcome: rows}:
        raise SystemExit(f"expected {rows} {outcome}, got {counts}")


def main(muster, rows):
    figures = {"rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        people, data = os.path.join(folder, "people.csv"), os.path.join(folder, "data")
        write_people(people, rows)
        figures["file_mb"] = round(os.path.getsize(people) / 1e6, 1)
        for name, outcome in (("first", "created"), ("second", "unchanged")):
            seconds, megabytes, said = run([muster, "import", "--data", data, "--json", people])
            expect(said["counts"], outcome, rows)
            figures[name] = {
                "outcome": outcome,
                "seconds": round(seconds, 2),
                "rows_per_second": round(rows / seconds),
                "peak_mb": round(megabytes),
            }
    figures["second_to_first"] = round(figures["second"]["seconds"] / figures["first"]["seconds"], 3)
    print(json.dumps(figures, indent=None))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(os.path.abspath(sys.argv[1]), int(sys.argv[2]))
