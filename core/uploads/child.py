"""Opens a file in a process of its own (core.opening) and waits for the verdict.

The child gets a copy without a name, which is gone when both have let go of it, however they end.
It learns nothing of our environment and sets its own limits before it reads a byte. It sits in a
session of its own, which is killed whole.
"""

import logging
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from typing import IO

from django.conf import settings
from django.core.files import File

from core.opening import (
    END_OF_PAGE,
    MOST_FRONT_BYTES,
    MOST_LETTERS,
    MOST_LETTERS_IN_ALL,
    MOST_PAGES,
    Unfit,
    Verdict,
)

log = logging.getLogger(__name__)

# No user's site-packages, no folder in which it happens to stand, no .pyc written.
COMMAND = (sys.executable, "-B", "-s", "-P", "-m", "core.opening")
SECONDS = 15  # for all attempts together
SECONDS_TO_READ = 90  # every page of a PDF, in a worker
ATTEMPTS = 3  # where it crashes: it can be the machine's fault
AT_ONCE = 2  # in this process; each may take as much memory as core.opening allows

# What the child can have written when it keeps to its limits.
MOST_BYTES = 4 * (MOST_LETTERS_IN_ALL + MOST_PAGES)
# No text, and some of it no database takes.
_UNREADABLE = dict.fromkeys([*range(9), *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF])

_slots = threading.BoundedSemaphore(AT_ONCE)


class TooManyAtOnce(Exception):
    """Others were being opened all the time."""


class TookTooLong(Exception):
    """It was not done in time, on the clock or on the processor."""


class Crashed(Exception):
    """The child died, each time, or said more than it should."""


def open_file(file: File, key: str) -> Verdict:
    """The verdict on a file that should be of that kind. Raises the three above."""
    return _opened(file, key, SECONDS)[0]


def read_pages(file: File) -> list[str]:
    """The text of each page of a PDF. Raises Unfit, or one of the three above.

    The child is believed no more here than elsewhere: what it says is bounded once more.
    """
    verdict, written = _opened(file, "pages", SECONDS_TO_READ, most_bytes=MOST_BYTES)
    if verdict != Verdict.FINE:
        raise Unfit(verdict)
    pages = written.decode(errors="ignore").split(END_OF_PAGE)[:-1]
    return [page[:MOST_LETTERS].translate(_UNREADABLE) for page in pages[:MOST_PAGES]]


def draw_front(file: File) -> tuple[int, bytes]:
    """How many pages a PDF has, and its first one as a JPEG. Raises as `read_pages` does.

    What does not look like that counts as a crash.
    """
    verdict, written = _opened(file, "front", SECONDS_TO_READ, most_bytes=MOST_FRONT_BYTES)
    if verdict != Verdict.FINE:
        raise Unfit(verdict)
    count, _, picture = written.partition(b"\n")
    if not (count.isdigit() and len(count) < 8 and picture.startswith(b"\xff\xd8\xff")):
        raise Crashed
    return int(count), picture


def bare_picture(file: File, most_bytes: int) -> bytes:
    """A picture without what stands beside it; nothing where nothing does. Raises as above."""
    verdict, written = _opened(file, "bare", SECONDS, most_bytes=most_bytes)
    if verdict != Verdict.FINE:
        raise Unfit(verdict)
    return written


def _opened(file: File, key: str, seconds: float, most_bytes: int = 0) -> tuple[Verdict, bytes]:
    """The verdict, and what the child wrote when it may write anything."""
    if not _slots.acquire(timeout=SECONDS):
        raise TooManyAtOnce
    deadline = time.monotonic() + seconds
    try:
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            for _ in range(ATTEMPTS):
                copy.seek(0)
                status, written = _run(copy, key, deadline, most_bytes)
                with suppress(ValueError):
                    return Verdict(status), written
                log.warning("Opening an uploaded %s ended with %s", key, status)
    finally:
        _slots.release()
    raise Crashed


def _run(copy: IO[bytes], key: str, deadline: float, most_bytes: int) -> tuple[int, bytes]:
    """One attempt; its exit status, negative when a signal ended it, and what it wrote."""
    process = subprocess.Popen(  # noqa: S603 - our own command, and a key of our own
        [*COMMAND, key],
        stdin=copy,
        stdout=subprocess.PIPE if most_bytes else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(settings.BASE_DIR), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    written = b""
    try:
        if process.stdout:
            with process.stdout as pipe:
                written = _all_from(pipe, deadline, most_bytes)
        status = process.wait(timeout=max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired as problem:
        raise TookTooLong from problem
    finally:
        # Also what it may have started and left behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status == -signal.SIGXCPU:
        raise TookTooLong
    return status, written


def _all_from(pipe: IO[bytes], deadline: float, most_bytes: int) -> bytes:
    """What is written until the pipe is closed at the other end."""
    written = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while ready.select(max(deadline - time.monotonic(), 0)):
            block = os.read(pipe.fileno(), 64 * 1024)
            if not block:
                return bytes(written)
            written += block
            if len(written) > most_bytes:
                raise Crashed
    raise TookTooLong
