"""Sends a fixed number of requests of each kind to `muster serve` on this machine, over 16 connections.

Usage: load.py MUSTER USERS REQUESTS, the path of the command, the size of the directory, the requests of each kind.

The client shares the processors with the server, and its own work is in every figure: they are a lower bound for the
server, and comparable with themselves. The last line of the output is the figures as JSON."""

import importlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

CONNECTIONS = 16
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Connection:
    """One connection that is kept alive; as little work between two requests as can be."""

    def __init__(self, address, token):
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"

    def ask(self, method, path, body=b""):
        """The body of the answer, which must be a 2xx."""
        head = f"{method} /scim/v2{path} {self.head}Content-Type: application/scim+json\r\n"
        self.socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self.more()
        left = end + 4 + int(LENGTH.search(answer, 0, end + 2)[1]) - len(answer)
        while left > 0:
            answer += (chunk := self.more())
            left -= len(chunk)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{method} {path}: {answer[:500]!r}")
        return answer[end + 4 :]

    def more(self):
        if chunk := self.socket.recv(1 << 16):
            return chunk
        raise RuntimeError("the server closed the connection")


def load(address, token, requests, request):
    """Requests a second, and two percentiles in milliseconds; `request(number)` is what `Connection.ask` takes."""
    times, faults, began = [], [], []
    # The last to come notes the time: we would be told of it only after the threads have begun.
    barrier = threading.Barrier(CONNECTIONS, lambda: began.append(time.perf_counter()))

    def work(first):
        try:
            connection = Connection(address, token)
            barrier.wait()
            for number in range(first, requests, CONNECTIONS):
                wanted, started = request(number), time.perf_counter()
                connection.ask(*wanted)
                times.append(time.perf_counter() - started)
        except threading.BrokenBarrierError:
            pass
        except Exception as fault:  # Of a thread: shown by the one that waits.
            faults.append(fault)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(first,), daemon=True) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    seconds = time.perf_counter() - began[0]
    times.sort()
    percentile = lambda share: round(1e3 * times[int(share * (len(times) - 1))], 2)
    return {"requests_per_second": round(requests / seconds), "p50_ms": percentile(0.5), "p99_ms": percentile(0.99)}


def kinds(address, token, users):
    """What is asked for, by name."""
    page = Connection(address, token).ask("GET", f"/Users?startIndex={users // 2}&count=200&attributes=id")
    ids = [user["id"] for user in json.loads(page)["Resources"]]

    def new(number):
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"new.{number}@acme.example"}
        return "POST", "/Users", json.dumps(user).encode()

    return {
        "get": lambda number: ("GET", f"/Users/{ids[number % len(ids)]}"),
        "filter": lambda number: ("GET", f"/Users?filter=userName+eq+%22user.{number * 7919 % users}%22"),
        "list of 100": lambda number: ("GET", f"/Users?startIndex={number * 7919 % users + 1}&count=100"),
        "post": new,
    }


def main(muster, users, requests):
    with tempfile.TemporaryDirectory() as folder:
        people, data = os.path.join(folder, "people.csv"), os.path.join(folder, "data")
        importlib.import_module("import").write_people(people, users)
        serve = [muster, "serve", "--json", "--listen", "127.0.0.1:0", "--data", data]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
            try:
                said = json.loads(server.stdout.readline())
                filled = [muster, "import", "--data", data, "--json", people]
                subprocess.run(filled, check=True, stdout=subprocess.DEVNULL)
                host, port = said["listen"].rsplit(":", 1)
                address, token = (host, int(port)), said["scim_token"]
                figures = {"users": users, "requests": requests, "connections": CONNECTIONS}
                for name, request in kinds(address, token, users).items():
                    figures[name] = load(address, token, requests, request)
                print(json.dumps(figures))
            finally:
                server.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(os.path.abspath(sys.argv[1]), *map(int, sys.argv[2:]))
