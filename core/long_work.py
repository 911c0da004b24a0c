"""Work that a visitor waits for: begun in an action, done by a worker, shown as it goes.

    work = long_work.begin(task="inventory.tasks.write_excel", label=…, name=…, …)   # in an action

    @task(priority=long_work.PRIORITY)                                # in the app's tasks.py
    def write_excel(pk: int, query: str) -> None:
        long_work.carry_out(pk, lambda work, file: …)                 # which calls report()

The work ends with a file (core.LongWork), kept for a day. It is shown by the app that began it, at
the work's token. A task may be run twice or die halfway: each run is known by when it started, and
one that has been replaced changes nothing. docs/adr/0017-long-work.md tells why.
"""

import hashlib
import logging
import tempfile
import time
import uuid
from collections.abc import Callable
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core.models import LongWork
from core.tasks import later

log = logging.getLogger(__name__)

# Others in the queue go first: what is seldom and heavy waits.
PRIORITY = -10
REPORT_EVERY = 1.0  # seconds

TROUBLE = (
    "Något gick fel när filen skulle göras, fast KSI har försökt flera gånger. Felet är inte ditt,"
    " och redaktionen kan se det."
)

Write = Callable[[LongWork, IO[bytes]], Any]


class NobodyWaits(Exception):
    """The work has been removed, or given to another worker: stop, nothing is wrong."""


def key_of(*facts: object) -> str:
    """The same for the same work; tells nobody what it was made from."""
    secret = settings.SECRET_KEY.encode()[:64]
    return hashlib.blake2b(repr(facts).encode(), key=secret, digest_size=16).hexdigest()


@transaction.atomic
def begin(
    *,
    task: str,
    arguments: list[Any],
    label: str,
    name: str,
    total: int,
    key: str,
    audience: str = "",
    edition: int = 0,
) -> LongWork:
    """The work with this key, begun now unless it is under way or done already.

    Side effects: a row, and a task by that name with the row's id before `arguments`; a rollback
    drops both. No history: nothing of the portal's is changed, and the row is gone in two days.
    """
    fields = {
        "label": label,
        "name": name,
        "total": total,
        "audience": audience,
        "edition": edition,
    }
    LongWork.objects.filter(key=key).exclude(pk__in=LongWork.objects.kept().values("pk")).update(
        key=None
    )
    work, is_new = LongWork.objects.get_or_create(key=key, defaults=fields)
    if is_new:
        work.task = uuid.UUID(later(task, work.pk, *arguments))
        work.save(update_fields=["task"])
    return work


# --- What the worker does -------------------------------------------------------------------------


def carry_out(pk: int, write: Write) -> None:
    """Have `write` fill a file, and keep it; nothing happens when the work is done or removed.

    `write` gets the work and an empty file on disk, and calls `report`. Whatever it raises goes on
    to core.tasks, which tries again.
    """
    work = _start(pk)
    if work is None:
        return
    try:
        with tempfile.TemporaryFile() as file:
            write(work, file)
            file.seek(0)
            _finish(work, File(file))
    except NobodyWaits:
        log.info("Long work %s is waited for no longer, or done by another worker", pk)
    except Exception:
        _ours(work).update(started_at=None, done=0)
        raise


def settle(work: LongWork, *, total: int, edition: int) -> None:
    """Say how much there is to do, and which edition the file tells of, before the first line."""
    if not _ours(work).update(total=total, edition=edition):
        raise NobodyWaits


def report(work: LongWork, done: int) -> None:
    """Tell how far it has come, at most once a second. Raises NobodyWaits for a replaced run."""
    now = time.monotonic()
    if now - getattr(work, "reported", 0.0) < REPORT_EVERY:
        return
    work.reported = now  # type: ignore[attr-defined]
    if not _ours(work).update(done=done):
        raise NobodyWaits


def _ours(work: LongWork) -> Any:
    return LongWork.objects.under_way().filter(pk=work.pk, started_at=work.started_at)


def _start(pk: int) -> LongWork | None:
    """Take the work, also from a run that died; None when there is nothing to do.

    Side effect: what an earlier run stored, without living to say so, is removed.
    """
    unfinished = LongWork.objects.kept().filter(Q(finished_at=None) | ~Q(trouble=""), pk=pk)
    now = timezone.now()
    if not unfinished.update(started_at=now, finished_at=None, trouble="", done=0):
        return None
    work = LongWork.objects.filter(pk=pk, started_at=now).first()
    if work:
        _remove_file(work)
    return work


def _remove_file(work: LongWork) -> None:
    if work.file.name:
        work.file.storage.delete(work.file.name)


def _finish(work: LongWork, content: File) -> None:
    """Store the file and say so; a run that was replaced takes its own file back.

    Its name is written first: whatever happens then, the next run or `tidy` finds the file.
    """
    storage = work.file.storage
    name = work.file.field.generate_filename(work, work.name)
    if not _ours(work).update(file=name):
        raise NobodyWaits
    storage.save(name, content)
    if not _ours(work).update(finished_at=timezone.now(), done=F("total")):
        storage.delete(name)
        raise NobodyWaits


# --- Periodic work --------------------------------------------------------------------------------


def tidy() -> int:
    """Say of what failed for good that it did, remove what is old; returns how many were removed.

    Side effects: a failed work's key is free, so that the same can be begun anew. Files go before
    their rows, so that one that could not be removed is tried again.
    """
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED)
    LongWork.objects.under_way().filter(task__in=failed.values("pk")).update(
        finished_at=timezone.now(), trouble=TROUBLE, key=None
    )
    count = 0
    for work in LongWork.objects.exclude(pk__in=LongWork.objects.kept().values("pk")):
        _remove_file(work)
        count += work.delete()[0]
    return count
