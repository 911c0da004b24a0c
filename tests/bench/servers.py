"""The processes of a measurement: portal and bare view under gunicorn, client, inside."""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from tests.bench.client import HOST, Outcome
from tests.bench.databases import ROOT, VAR, Database

PATIENCE = 60.0  # seconds until a server must answer


class Process:
    """Something that runs as long as the block it is opened in."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], **pipes: Any
    ) -> None:
        # Everything that is started is ended by its own id.
        self.running = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=dict(environment), **pipes
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self.running.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.running.wait(10)
            return
        self.running.kill()
        self.running.wait()


class Server(Process):
    """gunicorn with the portal's own configuration on a free port of the loopback address."""

    def __init__(
        self, application: Sequence[str], environment: Mapping[str, str], ask: str
    ) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port: int = probe.getsockname()[1]
        self.log = (VAR / f"{'bare' if application else 'portal'}.log").open("w")
        super().__init__(
            ["-m", "gunicorn", "--config", "gunicorn.conf.py", *application],
            {**environment, "KSI_BIND": f"{HOST}:{self.port}"},
            stdout=self.log,
            stderr=self.log,
        )
        self._wait_for(ask)

    @classmethod
    def portal(cls, database: Database) -> "Server":
        """The portal on that database."""
        return cls([], database.environment, "/driftstatus/")

    @classmethod
    def bare(cls, database: Database) -> "Server":
        """The bare view, with the same workers."""
        environment = {**database.environment, "DJANGO_SETTINGS_MODULE": "tests.bench.bare"}
        return cls(["django.core.wsgi:get_wsgi_application()"], environment, "/1")

    def _wait_for(self, path: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.running.poll() is None:
            with suppress(OSError):
                if fetch(self.port, path).status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"The server did not start; see {self.log.name}.")

    @property
    def workers(self) -> list[int]:
        """The process ids of its workers."""
        pid = self.running.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]


class Lines(Process):
    """A process that answers one JSON line with another."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        super().__init__(
            ["-m", module],
            environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **task: Any) -> Any:
        """What it answers."""
        assert self.running.stdin
        assert self.running.stdout
        self.running.stdin.write(json.dumps(task) + "\n")
        self.running.stdin.flush()
        if not (line := self.running.stdout.readline()):
            raise RuntimeError(f"{self.running.args!r} ended.")
        return json.loads(line)

    def __exit__(self, *trouble: object) -> None:
        for pipe in (self.running.stdin, self.running.stdout):
            if pipe:
                pipe.close()
        super().__exit__(*trouble)


class Client(Lines):
    """The load client in its own process."""

    def __init__(self) -> None:
        super().__init__("tests.bench.client", {})

    def load(self, port: int, requests: Sequence[bytes], **limits: Any) -> Outcome:
        """One run. Raises ValueError when an answer was not a page."""
        texts = [request.decode() for request in requests]
        outcome = Outcome(**self.ask(port=port, requests=texts, **limits))
        if set(outcome.statuses) != {"200"}:
            raise ValueError(f"{texts[0].splitlines()[0]}: answers {outcome.statuses}")
        return outcome


class Answer:
    """One whole answer, asked for outside the measured load."""

    def __init__(self, response: http.client.HTTPResponse, body: int, text: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.size = body
        self.text = text
        head = f"HTTP/1.1 {response.status} {response.reason}\r\n"
        self.wire = len(head) + len(bytes(response.headers)) + body


def fetch(
    port: int, path: str, headers: Mapping[str, str] | None = None, *, keep: bool = True
) -> Answer:
    """Ask once; without `keep` the body is counted and dropped."""
    connection = http.client.HTTPConnection(HOST, port, timeout=300)
    connection.request("GET", path, headers={"Host": "localhost", **(headers or {})})
    try:
        response = connection.getresponse()
        kept, size = [], 0
        while piece := response.read(1 << 18):
            size += len(piece)
            if keep:
                kept.append(piece)
        return Answer(response, size, b"".join(kept))
    finally:
        connection.close()


def request(
    path: str, *, cookie: str = "", port: int | None = None, method: str = "GET", body: str = ""
) -> bytes:
    """A request as a browser would send it, with a form's fields as its body.

    Another port in Host is another address to the portal, so that a page kept for one is not found
    by the next.
    """
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: localhost:{port}" if port else "Host: localhost",
        "Accept: text/html,application/xhtml+xml",
        "Accept-Encoding: gzip, deflate, br",
        "Accept-Language: sv",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


def busy_share(seconds: float) -> float:
    """How busy the machine is with other things, while this process waits."""

    def ticks() -> tuple[int, int]:
        line = Path("/proc/stat").read_text().split("\n", 1)[0]
        numbers = [int(number) for number in line.split()[1:]]
        return numbers[3] + numbers[4], sum(numbers[:8])

    idle, total = ticks()
    time.sleep(seconds)
    idle, total = (after - before for after, before in zip(ticks(), (idle, total), strict=True))
    return 1 - idle / max(total, 1)


def wait_for_quiet(most: float = 0.15, patience: float = 20.0) -> float:
    """Wait until the machine has little else to do; how busy it was in the end."""
    deadline = time.monotonic() + patience
    while (busy := busy_share(0.4)) > most and time.monotonic() < deadline:
        pass
    return busy


def memory(pid: int) -> float:
    """What a process has for itself, in MB. Pages of a mapped database file are not counted: they
    are the machine's cache.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
    assert found
    return int(found[1]) / 1024


class MemoryWatch(Thread):
    """Notes, while the block runs, how much any of the processes grows."""

    def __init__(self, pids: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self.before = {pid: memory(pid) for pid in pids}
        self.grown = 0.0
        self.done = Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self.done.set()
        self.join()

    def run(self) -> None:
        """Look fifty times a second."""
        while not self.done.wait(0.02):
            grown = (memory(pid) - before for pid, before in self.before.items())
            self.grown = max(self.grown, *grown)
