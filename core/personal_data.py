"""What the portal keeps about people: the register that each app fills in.

An app says in its `personal_data.py`, in a list `KEPT`, what it keeps, why, for how long, how it
is handed out and how it is erased. The nightly gallring, "Mina uppgifter", the page about personal
data and the curators' overview are made from it, so that they cannot differ.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry, Edition


@dataclass(frozen=True)
class Kept:
    """One kind of personal data.

    `hand_out` gives what is kept about a user; `count_due` and `erase_due` find and erase what is
    older than the period at a moment; `erase_for` erases what a user may have erased on request,
    and is None where a person must decide; `left` counts all there is.
    """

    key: str
    what: str
    fields: tuple[str, ...]  # "app.Model.field", every personal column this speaks for
    purpose: str
    legal_ground: str
    seen_by: str
    period: str
    decision: str
    left: Callable[[], int]
    count_due: Callable[[datetime.datetime], int]
    erase_due: Callable[[datetime.datetime], int]
    hand_out: Callable[[Any], list[dict[str, Any]]]
    erase_for: Callable[[Any], int] | None = None


@cache
def register() -> tuple[Kept, ...]:
    """Everything that is kept, app by app."""

    def found() -> Iterator[Kept]:
        for config in apps.get_app_configs():
            name = f"{config.name}.personal_data"
            if config.name != "core" and util.find_spec(name):
                yield from getattr(import_module(name), "KEPT", ())

    return tuple(found())


@transaction.atomic
def erase_due(*, dry_run: bool = False, now: datetime.datetime | None = None) -> dict[str, int]:
    """The gallring: erase what has outlived its period; counts by key.

    Side effects: one line in the history per kind with something erased, with the count alone.
    A dry run only counts.
    """
    now = now or timezone.now()
    counts = {}
    for kept in register():
        counts[kept.key] = kept.count_due(now) if dry_run else kept.erase_due(now)
        if counts[kept.key] and not dry_run:
            AuditEntry.objects.create(
                verb="gallrad",
                app_model=kept.fields[0].rpartition(".")[0].lower(),
                object_id=kept.key,
                object_label=f"{kept.what}: {counts[kept.key]}",
                reason=f"{kept.period}. {kept.decision}.",
            )
    if not dry_run:
        Edition.raise_number()
    return counts


def hand_out(user: Any) -> dict[str, list[dict[str, Any]]]:
    """All that is kept about somebody, by what it is."""
    return {kept.what: kept.hand_out(user) for kept in register()}
