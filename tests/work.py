"""Tasks that the tests enqueue; they tell in files what they did, whichever process did it."""

import os
import time
from pathlib import Path
from typing import IO

from core import long_work
from core.models import LongWork
from core.tasks import task


@task
def note(path: str, line: str) -> None:
    """Add a line to a file, with the process that did it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{os.getpid()} {line}\n".encode())
    os.close(descriptor)


@task
def nothing(number: int) -> None:
    """Do nothing."""


@task
def fail(message: str) -> None:
    """Go wrong."""
    raise ValueError(message)


@task
def wait_for(started: str, go: str) -> None:
    """Say that it began, then wait until somebody says go."""
    note.call(started, "började")
    while not Path(go).exists():
        time.sleep(0.02)
    note.call(started, "klar")


@task(priority=long_work.PRIORITY)
def make_file(pk: int, lines: list[str]) -> None:
    """Long work: a file with these lines; it goes wrong at "fel"."""

    def write(work: LongWork, file: IO[bytes]) -> None:
        long_work.settle(work, total=len(lines), edition=7)
        for done, line in enumerate(lines):
            if line == "fel":
                raise ValueError(line)
            file.write(line.encode())
            long_work.report(work, done)

    long_work.carry_out(pk, write)


@task
def unwritable() -> object:
    """Return what no database can hold."""
    return object()


not_a_task = 7
