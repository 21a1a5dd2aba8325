"""A process of its own group, whose output can be waited for, and which goes when we go."""

import os
import signal
import subprocess
import threading
import time


class Server:
    """Started at once; `output` is what it has said so far, standard error included."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.output = ""
        self.changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            with self.changed:
                self.output += chunk.decode("utf-8", "replace")
                self.changed.notify_all()
        with self.changed:
            self.process.wait()
            self.changed.notify_all()

    def wait_for(self, found, seconds):
        """The first true answer of `found(output)`; an error if the process ends or the time is over before."""
        until = time.monotonic() + seconds
        with self.changed:
            while True:
                if answer := found(self.output):
                    return answer
                if self.process.poll() is not None:
                    raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.output}")
                left = until - time.monotonic()
                if left <= 0:
                    raise RuntimeError(f"not ready after {seconds} s:\n{self.output}")
                self.changed.wait(min(left, 1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(10)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue
