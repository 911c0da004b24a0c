"""The supervisor with real, small processes. Waiting is on what happens, never for a given time."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ksi.supervisor import LONGEST_PAUSE, STEADY_AFTER, Process

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds until a test that hangs gives up

SUPERVISE = """
import json, sys
from ksi import supervisor
supervisor.GRACE = float(sys.argv[2])
supervisor.supervise(json.loads(sys.argv[1]))
"""
# Writes its process id on a line of its own in a file, then waits for the end.
STEADY = "import os, sys, signal; print(os.getpid(), file=open(sys.argv[1], 'a')); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STEADY
# Starts a child in its own process group, as gunicorn does, and both wait.
PARENT = "import os; os.fork(); " + STEADY


def until(true: Callable[[], object]) -> None:
    """Wait until it is true."""
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen, Path]]]:
    """Start a supervisor over one Python program; it is gone after the test, come what may."""
    started: list[subprocess.Popen] = []
    log = tmp_path / "pids"

    def start(program: str, grace: float = PATIENCE) -> tuple[subprocess.Popen, Path]:
        commands = {"Provet": [sys.executable, "-c", program, str(log)]}
        supervisor = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, json.dumps(commands), str(grace)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(supervisor)
        return supervisor, log

    yield start
    for supervisor in started:
        supervisor.kill()
    for pid in pids(log):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for supervisor in started:
        supervisor.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_everything_quietly(supervised, number):
    supervisor, log = supervised(PARENT)
    until(lambda: len(pids(log)) == 2)

    supervisor.send_signal(number)
    _, said = supervisor.communicate(timeout=PATIENCE)

    assert supervisor.returncode == 0
    assert said == ""
    assert [pid for pid in pids(log) if lives(pid)] == []


def test_a_process_that_is_killed_comes_back(supervised):
    supervisor, log = supervised(STEADY)
    until(lambda: len(pids(log)) == 1)

    os.kill(pids(log)[0], signal.SIGKILL)
    until(lambda: len(pids(log)) == 2)
    first, second = pids(log)

    assert (lives(first), lives(second)) == (False, True)
    supervisor.terminate()
    _, said = supervisor.communicate(timeout=PATIENCE)
    assert said == "Provet slutade (kod -9) och startas om om 1 s.\n"


def test_children_of_a_killed_process_do_not_outlive_it(supervised):
    _, log = supervised(PARENT)
    until(lambda: len(pids(log)) == 2)
    before = pids(log)
    leader = next(pid for pid in before if os.getpgid(pid) == pid)

    os.kill(leader, signal.SIGKILL)
    until(lambda: len(pids(log)) == 4)

    assert [pid for pid in before if lives(pid)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="kärnan lovar detta på Linux")
def test_nothing_outlives_a_supervisor_that_is_killed(supervised):
    supervisor, log = supervised(STEADY)
    until(lambda: len(pids(log)) == 1)

    supervisor.kill()

    until(lambda: not lives(pids(log)[0]))


def test_a_process_that_ignores_term_is_killed(supervised):
    supervisor, log = supervised(DEAF, grace=0.2)
    until(lambda: len(pids(log)) == 1)

    supervisor.terminate()
    supervisor.communicate(timeout=PATIENCE)

    assert not lives(pids(log)[0])


class Ended:
    """A process that has just ended."""

    pid, returncode = 2**30, 1

    def poll(self) -> int:
        return self.returncode


def test_pauses_grow_to_half_a_minute_and_begin_again_after_a_steady_minute(capsys):
    process = Process("Provet", ["true"])

    def pause_after(seconds_alive: float) -> float:
        process.running, process.started = Ended(), 1000.0  # type: ignore[assignment]
        process.keep_running(1000.0 + seconds_alive)
        return process.due - (1000.0 + seconds_alive)

    assert [pause_after(0) for _ in range(7)] == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    assert pause_after(STEADY_AFTER + 1) == 1


def portal(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "portal", *arguments],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "ksi.settings", "KSI_MODE": "demo"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_a_busy_port_is_told_in_one_line():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        result = portal("--port", str(port))

    assert result.returncode == 1
    assert result.stderr == (
        f"Port {port} är upptagen. Välj en annan, till exempel: make run PORT=8001\n"
    )


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", ""])
def test_what_is_no_port_is_told_in_one_line(port):
    result = portal(f"--port={port}")

    assert result.returncode == 1
    assert result.stderr == f"PORT ska vara ett tal mellan 1 och 65535, inte ”{port}”.\n"
