"""Opens a file in a process of its own (core.opening) and waits for the verdict.

The child gets a copy without a name, which is gone when both have let go of it, however they end.
It learns nothing of our environment and sets its own limits before it reads a byte. It sits in a
session of its own, which is killed whole.
"""

import logging
import os
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

from core.opening import Verdict

log = logging.getLogger(__name__)

# No user's site-packages, no folder in which it happens to stand, no .pyc written.
COMMAND = (sys.executable, "-B", "-s", "-P", "-m", "core.opening")
SECONDS = 15  # for all attempts together
ATTEMPTS = 3  # where it crashes: it can be the machine's fault
AT_ONCE = 2  # in this process; each may take as much memory as core.opening allows

_slots = threading.BoundedSemaphore(AT_ONCE)


class TooManyAtOnce(Exception):
    """Others were being opened all the time."""


class TookTooLong(Exception):
    """It was not done in time, on the clock or on the processor."""


class Crashed(Exception):
    """The child died, each time."""


def open_file(file: File, key: str) -> Verdict:
    """The verdict on a file that should be of that kind. Raises the three above."""
    if not _slots.acquire(timeout=SECONDS):
        raise TooManyAtOnce
    deadline = time.monotonic() + SECONDS
    try:
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            for _ in range(ATTEMPTS):
                copy.seek(0)
                status = _run(copy, key, deadline - time.monotonic())
                with suppress(ValueError):
                    return Verdict(status)
                log.warning("Opening an uploaded %s ended with %s", key, status)
    finally:
        _slots.release()
    raise Crashed


def _run(copy: IO[bytes], key: str, seconds: float) -> int:
    """One attempt; its exit status, negative when a signal ended it."""
    process = subprocess.Popen(  # noqa: S603 - our own command, and a key of our own
        [*COMMAND, key],
        stdin=copy,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(settings.BASE_DIR), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        status = process.wait(timeout=max(seconds, 0))
    except subprocess.TimeoutExpired as problem:
        raise TookTooLong from problem
    finally:
        # Also what it may have started and left behind.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status == -signal.SIGXCPU:
        raise TookTooLong
    return status
