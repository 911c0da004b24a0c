"""Keeps the portal's processes running (docs/adr/0002-own-supervisor.md).

Single-threaded on purpose: signals and waiting meet in one queue, and the few lines that run
between fork and exec cannot meet a lock that another thread holds.
"""

import ctypes
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGEST_PAUSE = 30
STEADY_AFTER = 60  # seconds alive after which the pauses begin at one second again
GRACE = 10  # seconds between TERM and KILL
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with(parent: int) -> None:
    """Ask the kernel (Linux) to end this child when the supervisor dies, even from kill -9."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


class Process:
    """One command that should always be running."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = command
        self.running: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = 0.5
        self.due = 0.0  # when to start it

    def keep_running(self, now: float) -> None:
        """Notice that it ended, or start it when its pause is over."""
        if self.running and self.running.poll() is not None:
            steady = now - self.started > STEADY_AFTER
            self.pause = 1 if steady else min(self.pause * 2, LONGEST_PAUSE)
            self.due = now + self.pause
            code = self.running.returncode
            self.signal(signal.SIGKILL)  # children of its own that it left behind
            self.running = None
            _say(f"{self.name} slutade (kod {code}) och startas om om {self.pause:.0f} s.")
        elif not self.running and now >= self.due:
            self.started = now
            # A session of its own: Ctrl-C reaches the supervisor only, which then ends things in
            # order, and the whole group can be killed at once.
            self.running = subprocess.Popen(  # noqa: S603
                self.command, start_new_session=True, preexec_fn=partial(_end_with, os.getpid())
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command and to what it started."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, number)

    def ended(self) -> bool:
        """Whether nothing of it runs any longer."""
        return self.running is None or self.running.poll() is not None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def supervise(
    commands: Mapping[str, Sequence[str]], until_true: Callable[[], bool] = lambda: True
) -> None:
    """Run `commands` (name → argv) until a stop signal comes, then end them all.

    `until_true` is called five times a second until it returns True; `portal` uses it to say
    that the portal answers.
    """
    received: queue.SimpleQueue[int] = queue.SimpleQueue()  # put() is safe in a signal handler
    for number in (*STOP_SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda number, _: received.put(number))
    processes = [Process(name, command) for name, command in commands.items()]
    waiting = True
    try:
        while _next(received, 0.2) not in STOP_SIGNALS:
            for process in processes:
                process.keep_running(time.monotonic())
            waiting = waiting and not until_true()
    finally:
        _stop(processes)


def _next(received: queue.SimpleQueue[int], seconds: float) -> int | None:
    try:
        return received.get(timeout=seconds)
    except queue.Empty:
        return None


def _stop(processes: Sequence[Process]) -> None:
    """TERM to all, and KILL to what is left after a while."""
    for process in processes:
        process.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and not all(process.ended() for process in processes):
        time.sleep(0.05)
    for process in processes:
        process.signal(signal.SIGKILL)
        if process.running:
            process.running.wait()
