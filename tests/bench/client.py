"""A small load client: some connections that each ask again as soon as they have been answered.

It runs in a process of its own, on the same machine only, for a bounded time. One run is one JSON
line on standard input, its outcome one JSON line on standard output. Python costs it some 20 µs
per answer, a tenth of what the barest Django costs; `cpu` tells how busy it was, so that a run in
which the client was the bottleneck can be seen.
"""

import json
import select
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

HOST = "127.0.0.1"
TIMEOUT = 120.0  # seconds that any answer may take
MOST_SECONDS = 60.0
MOST_REQUESTS = 200_000


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: a value that was measured, with `percent` at or below it."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(int(rank), 1) - 1]


@dataclass
class Outcome:
    """What one run showed."""

    seconds: float = 0
    cpu: float = 0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    received: int = 0

    @property
    def throughput(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds


class Connection:
    """One visitor: a socket and the answer that is under way."""

    def __init__(self, port: int) -> None:
        self.port = port

    def open(self) -> socket.socket:
        """Connect."""
        self.socket = socket.create_connection((HOST, self.port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.head = b""
        self.left: int | None = None
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def receive(self, buffer: bytearray) -> bool:
        """Take what has come; True when the answer is complete."""
        count = self.socket.recv_into(buffer)
        if not count:
            raise ConnectionError("The server closed the connection in the middle of an answer.")
        self.count = count
        if self.left is None:
            self.head += bytes(memoryview(buffer)[:count])
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return False
            headers = self.head[:end].lower()
            self.status = self.head[9:12].decode()
            self.closes = b"\r\nconnection: close" in headers
            place = headers.find(b"\r\ncontent-length: ")
            if place < 0:
                raise ValueError(f"An answer without Content-Length: {headers!r}")
            length = int(headers[place + 18 :].split(b"\r\n", 1)[0])
            self.left = length - (len(self.head) - end - 4)
        else:
            self.left -= count
        return self.left == 0


def run(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float = MOST_SECONDS,
    most: int = MOST_REQUESTS,
) -> Outcome:
    """Ask the requests in turn until `seconds` have passed or `most` have been sent."""
    outcome = Outcome()
    buffer = bytearray(1 << 20)
    waiting = cycle(requests)
    sent = min(connections, most)
    with select.epoll() as poll, ExitStack() as sockets:
        opened: dict[int, Connection] = {}

        def begin(connection: Connection) -> None:
            sockets.enter_context(connection.open())
            opened[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)

        for _ in range(sent):
            begin(Connection(port))
        # A server with threads takes connections in before anything is asked.
        time.sleep(0.02)
        cpu, began = time.process_time(), time.perf_counter()
        for connection in opened.values():
            connection.ask(next(waiting))
        now, stop = began, began + min(seconds, MOST_SECONDS)
        while opened:
            ready = poll.poll(TIMEOUT)
            if not ready:
                raise TimeoutError(f"No answer within {TIMEOUT:.0f} seconds.")
            for number, _ in ready:
                connection = opened[number]
                complete = connection.receive(buffer)
                outcome.received += connection.count
                if not complete:
                    continue
                now = time.perf_counter()
                outcome.latencies.append(now - connection.began)
                status = connection.status
                outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
                more = now < stop and sent < most
                if connection.closes or not more:
                    poll.unregister(connection.socket)
                    opened.pop(number).socket.close()
                if more:
                    if connection.closes:
                        begin(connection)
                    connection.ask(next(waiting))
                    sent += 1
        outcome.seconds, outcome.cpu = now - began, time.process_time() - cpu
    return outcome


def main() -> None:
    """Serve runs until standard input ends."""
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        requests = [request.encode() for request in asked.pop("requests")]
        outcome = run(asked.pop("port"), requests, **asked)
        print(json.dumps(vars(outcome)), flush=True)


if __name__ == "__main__":
    main()
