"""What the workers have in common: one loop, signals, signs of life, trouble with the database."""

import datetime
import logging
import os
import queue
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from core.models import WorkerSign

log = logging.getLogger(__name__)

T = TypeVar("T")

SIGN_EVERY = 10  # seconds
SILENT_AFTER = datetime.timedelta(seconds=60)
FORGET_AFTER = datetime.timedelta(days=1)
LONGEST_PAUSE = 15.0  # seconds between attempts to reach the database
LAST_ATTEMPTS = 8.0  # seconds that a stopping worker goes on trying; the supervisor kills after 10

# The database is away, locked or full: wait, and it may work. Other database errors are faults.
Unreachable = (OperationalError, InterfaceError)


def living_workers() -> set[str]:
    """The ids of the workers that have given a sign of life within the last minute."""
    fresh = WorkerSign.objects.filter(seen_at__gte=timezone.now() - SILENT_AFTER)
    return set(fresh.values_list("worker", flat=True))


def forget_signs(now: datetime.datetime | None = None) -> int:
    """Remove the signs of workers that died long ago; returns how many."""
    old = WorkerSign.objects.filter(seen_at__lt=(now or timezone.now()) - FORGET_AFTER)
    return old.delete()[0]


def seconds_since_sign() -> dict[str, int | None]:
    """Kind of worker → seconds since the last sign of any of them; None when there is none."""
    found: dict[str, int | None] = dict.fromkeys(WorkerSign.Kind.values)
    for sign in WorkerSign.objects.order_by("seen_at"):
        found[sign.kind] = max(0, int((timezone.now() - sign.seen_at).total_seconds()))
    return found


def is_fresh(seconds: int | None) -> bool:
    """Whether a last sign of life so long ago is one of a living worker."""
    return seconds is not None and seconds <= SILENT_AFTER.total_seconds()


class Signs:
    """Writes signs of life from a thread of its own, so that long work does not look like death.

    Django's connections belong to threads: this one has its own, and makes a new one after
    trouble.
    """

    def __init__(self, worker: str, kind: str, every: float = SIGN_EVERY) -> None:
        self.worker, self.kind, self.every = worker, kind, every
        self.started_at = timezone.now()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._go_on, name="livstecken", daemon=True)

    def write(self) -> None:
        """Say: alive now."""
        now = timezone.now()
        if not WorkerSign.objects.filter(pk=self.worker).update(seen_at=now):
            WorkerSign.objects.create(
                worker=self.worker, kind=self.kind, started_at=self.started_at, seen_at=now
            )

    def _go_on(self) -> None:
        while not self.ended.wait(self.every):
            try:
                close_old_connections()
                self.write()
            except Exception as problem:
                log.warning("No sign of life could be written: %r", problem)
                with suppress(Exception):
                    connection.close()
        with suppress(Exception):
            connection.close()

    def end(self) -> None:
        """Stop, and take the sign back: this worker left in good order."""
        self.ended.set()
        self.thread.join(timeout=2)
        with suppress(*Unreachable):
            WorkerSign.objects.filter(pk=self.worker).delete()


class Worker:
    """A process that does one thing after the other until it is told to stop.

    A subclass says what `step` is; it returns False when there is nothing to do. A stop signal
    lets the running step end; a second one ends the process at once.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        *,
        interval: float = 1.0,
        until_idle: bool = False,
        meanwhile: Callable[[], Any] | None = None,
        meanwhile_every: float = 15.0,
    ) -> None:
        self.id = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.interval, self.until_idle = interval, until_idle
        self.meanwhile, self.meanwhile_every = meanwhile, meanwhile_every
        self.stopping = False
        self.signs = Signs(self.id, self.kind)
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()  # put() is safe in a handler

    def step(self) -> bool:
        """Do one thing; False when there was nothing to do."""
        raise NotImplementedError

    def let_go(self) -> None:
        """Put back what was claimed without our hearing of it, when contact broke in the claim."""
        raise NotImplementedError

    def stop(self, number: int, frame: Any = None) -> None:
        """End after the running step."""
        self.stopping = True
        self._signals.put(number)
        signal.signal(number, signal.SIG_DFL)

    def rest(self, seconds: float) -> None:
        """Wait; a stop signal ends the waiting."""
        with suppress(queue.Empty):
            self._signals.get(timeout=seconds)

    def run(self) -> None:
        """Work until stopped (or, with `until_idle`, until there is nothing to do)."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        self.surely(self.signs.write)
        self.signs.thread.start()
        log.info("Worker %s begins", self.id)
        try:
            self._work()
        finally:
            self.signs.end()
        log.info("Worker %s ends", self.id)

    def _work(self) -> None:
        due, pause, unsure = 0.0, self.interval, False
        while not self.stopping:
            try:
                close_old_connections()
                if self.meanwhile and time.monotonic() >= due:
                    self.meanwhile()
                    due = time.monotonic() + self.meanwhile_every
                if unsure:
                    self.let_go()
                    unsure = False
                did = self.step()
            except Unreachable as problem:
                unsure = True
                self._without_database(problem, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = self.interval
            if did:
                continue
            if self.until_idle:
                break
            self.rest(self.interval)

    def surely(self, write: Callable[[], T]) -> T:
        """Write what must not be lost, again and again while the database is away or full.

        A worker that has been told to stop gives up after some seconds; what it held is then found
        by the reaper.
        """
        pause, stopped_at = 0.2, None
        while True:
            try:
                return write()
            except Unreachable as problem:
                if self.stopping:
                    stopped_at = stopped_at or time.monotonic()
                    if time.monotonic() - stopped_at > LAST_ATTEMPTS:
                        raise
                self._without_database(problem, min(pause, 1.0) if self.stopping else pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _without_database(self, problem: Exception, pause: float) -> None:
        log.warning("The database cannot be used; trying again in %.1f s: %s", pause, problem)
        with suppress(Exception):
            connection.close()
        self.rest(pause)
