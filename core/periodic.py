"""Work that returns: what is due is claimed by a conditional UPDATE and run.

    periodic.register("gallring", "core.personal_data.erase_due", every=DAY, at=datetime.time(3))

Each app registers in its AppConfig.ready. `manage.py periodic` runs what is due, once a minute from
a systemd timer; in a demonstration the worker does the same. However many run at a time, each piece
of work is run by one of them.
"""

import datetime
import logging
from dataclasses import dataclass
from traceback import format_exception

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.module_loading import import_string

from core.models import PeriodicRun

log = logging.getLogger(__name__)

MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
# A run that has not ended by then is taken for dead, and one that failed is tried again.
LONGEST_RUN = HOUR


@dataclass(frozen=True)
class Work:
    """One registered piece of periodic work."""

    name: str
    function: str  # dotted, so that registering imports nothing
    every: datetime.timedelta
    at: datetime.time | None = None  # local time, for what is done once a day

    def next_after(self, moment: datetime.datetime) -> datetime.datetime:
        """When it is due next."""
        if self.at is None:
            return moment + self.every
        day = timezone.localtime(moment).date()
        while (due := self._on(day, self.at)) <= moment:
            day += DAY
        return due

    @staticmethod
    def _on(day: datetime.date, at: datetime.time) -> datetime.datetime:
        # In UTC, where no hour is missing or comes twice.
        local = timezone.make_aware(datetime.datetime.combine(day, at))
        return local.astimezone(datetime.UTC)


works: dict[str, Work] = {}


def register(
    name: str, function: str, *, every: datetime.timedelta, at: datetime.time | None = None
) -> None:
    """Have `function` run every so often; with `at`, once a day at that local time."""
    if at is not None and every != DAY:
        raise ValueError("A time of day goes with once a day.")
    works[name] = Work(name, function, every, at)


def _claim(work: Work, now: datetime.datetime) -> bool:
    """Whether it is due and ours. Until it has ended, nobody else finds it due."""
    due = PeriodicRun.objects.filter(name=work.name, due_at__lte=now)
    lease = min(work.every, LONGEST_RUN)
    return bool(due.update(due_at=now + lease, started_at=now, finished_at=None))


def run_due() -> dict[str, str]:
    """Run what is due; name → what came of it, "" when it went well."""
    now = timezone.now()
    known = {run.name: run.due_at for run in PeriodicRun.objects.all()}
    if missing := [work for work in works.values() if work.name not in known]:
        # What is done at a time of day waits for it; the rest begins at once.
        first = {work.name: work.next_after(now) if work.at else now for work in missing}
        PeriodicRun.objects.bulk_create(
            [PeriodicRun(name=name, due_at=due_at) for name, due_at in first.items()],
            ignore_conflicts=True,
        )
        known |= first
    outcome = {}
    for work in works.values():
        if known[work.name] <= now and _claim(work, now):
            outcome[work.name] = _run(work, now)
    return outcome


def _run(work: Work, now: datetime.datetime) -> str:
    run = PeriodicRun.objects.filter(name=work.name, started_at=now)
    try:
        result = import_string(work.function)()
    except (OperationalError, InterfaceError):
        raise  # the database is away; the caller waits for it
    except Exception as problem:
        log.exception("Periodic work %s failed", work.name)
        trouble = "".join(format_exception(problem)).strip().rpartition("\n")[2].replace("\0", "")
        run.update(finished_at=timezone.now(), trouble=trouble)
        return trouble
    if result:
        log.info("Periodic work %s: %s", work.name, result)
    run.update(finished_at=timezone.now(), trouble="", due_at=work.next_after(now))
    return ""
