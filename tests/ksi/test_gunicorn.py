"""The portal under gunicorn as `manage.py portal` starts it: one start, many questions."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from ksi.logs import access_line
from tests.addresses import all_routes

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30
READY = "/driftstatus/redo/"


def test_an_access_line_tells_nothing_about_the_visitor():
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/stadsdelar/s%C3%B6dermalm/?q=Anna+Andersson",
        "QUERY_STRING": "q=Anna+Andersson",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_USER_AGENT": "Firefox",
        "HTTP_REFERER": "https://example.org/?q=Anna",
    }
    response = SimpleNamespace(status="200 OK", sent=512, headers=[("X-Request-ID", "abc")])

    line = json.loads(access_line(response, environ, timedelta(milliseconds=12.4)))

    line.pop("at")
    assert line == {
        "name": "access",
        "method": "GET",
        "path": "/stadsdelar/södermalm/",
        "status": 200,
        "ms": 12,
        "bytes": 512,
        "request_id": "abc",
    }


SECRETS = [route for route in all_routes().values() if "<str:token>" in route]


@pytest.mark.parametrize("address", SECRETS)
def test_no_secret_link_is_written_in_the_log(address):
    environ = {"RAW_URI": "/" + address.replace("<str:token>", "hemlig")}
    response = SimpleNamespace(status="200 OK", sent=512, headers=[])
    assert "hemlig" not in access_line(response, environ, timedelta())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port: int, head: str) -> bytes:
    """Send a request as it stands and read the answer until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(
            f"{head}\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        return b"".join(iter(lambda: connection.recv(65536), b""))


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(true) -> None:
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """A started demonstration: (process, port). It has said that it answers."""
    var, port = tmp_path_factory.mktemp("var"), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "KSI_MODE": "demo",
        "KSI_VAR": str(var),
        "PYTHONUNBUFFERED": "1",
    }

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, "manage.py", *arguments]

    subprocess.run(manage("migrate", "-v0"), cwd=ROOT, env=environment, check=True)
    subprocess.run(manage("createcachetable"), cwd=ROOT, env=environment, check=True)
    process = subprocess.Popen(
        manage("portal", "--port", str(port)),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = iter(process.stdout.readline, "")
    assert any(f"http://localhost:{port}" in line for line in said)
    yield process, port
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)


def test_head_has_the_headers_of_get_and_no_body(portal):
    _, port = portal

    got = ask(port, f"GET {READY} HTTP/1.1").partition(b"\r\n\r\n")
    head = ask(port, f"HEAD {READY} HTTP/1.1").partition(b"\r\n\r\n")

    assert (head[0].split(b"\r\n")[0], head[2]) == (b"HTTP/1.1 200 OK", b"")
    assert got[2] != b""


def test_a_request_line_that_is_too_long_is_414(portal):
    _, port = portal

    answer = ask(port, f"GET /?q={'a' * 4200} HTTP/1.1")

    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 414 URI Too Long"


def test_no_visitor_can_move_the_portal_by_a_header(portal):
    _, port = portal

    answer = ask(port, f"GET {READY} HTTP/1.1\r\nSCRIPT_NAME: /annat\r\nPATH_INFO: /annat")

    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"


def test_idle_connections_block_nobody(portal):
    _, port = portal
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]

    answer = ask(port, f"GET {READY} HTTP/1.1")

    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    for connection in idle:
        connection.close()


def test_killed_workers_and_a_killed_master_come_back_and_ctrl_c_ends_all(portal):
    supervisor, port = portal

    def running(what: bytes) -> int:
        """The supervisor's child with that on its command line."""
        for pid in children(supervisor.pid):
            with suppress(OSError):
                if what in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    return pid
        return 0

    def master() -> int:
        return running(b"gunicorn")

    for name in (b"worker", b"mail_worker"):
        killed = running(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda name=name, killed=killed: running(name) not in {0, killed})

    first = master()
    workers = children(first)
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: len(children(first)) == 2 and workers[0] not in children(first))

    workers = children(first)
    os.kill(first, signal.SIGKILL)
    until(lambda: master() not in {0, first} and len(children(master())) == 2)
    until(lambda: b"200 OK" in ask_or_nothing(port))
    assert [pid for pid in workers if lives(pid)] == []

    everything = [*children(supervisor.pid), *children(master())]
    assert len(everything) == 5
    supervisor.send_signal(signal.SIGINT)
    said, _ = supervisor.communicate(timeout=PATIENCE)
    assert supervisor.returncode == 0
    assert "Traceback" not in said
    assert [pid for pid in everything if lives(pid)] == []


def ask_or_nothing(port: int) -> bytes:
    try:
        return ask(port, f"GET {READY} HTTP/1.1")
    except OSError:
        return b""
