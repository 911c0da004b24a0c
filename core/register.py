"""The register of personal data: what each app keeps about people, why, and how long.

Each app declares its holdings in its `personal_data.py`, imported by its AppConfig.ready(). From
this register alone come the nightly erasing (gallring), "Mina uppgifter", the page about personal
data and the curators' overview, so that what is told cannot differ from what is done.
"""

import datetime
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.models import AuditEntry, RetentionRule

log = logging.getLogger(__name__)

Facts = dict[str, Any]
Moment = datetime.datetime


@dataclass(frozen=True)
class Person:
    """Somebody whom things are kept about: her address, and her account where she has one."""

    email: str
    user: Any = None


@dataclass(frozen=True)
class Period:
    """How long something is kept: `days` after `since`, as the code proposes it.

    An administrator enters another number, and the decision it rests on, in core.RetentionRule.
    `due` counts and `erase` erases what `since` was true of before a moment; the two agree.
    Fewer days than `least` are never in force.
    """

    days: int
    since: str
    due: Callable[[Moment], int]
    erase: Callable[[Moment], int]
    least: int = 0


def nothing(person: Person) -> Iterable[Facts]:
    """No row that belongs to one person."""
    return ()


@dataclass(frozen=True)
class Holding:
    """What is kept about people in one place. Texts are for the public: plain Swedish.

    `fields` names the personal fields of each model: {"people.User": ("email", "name")}.
    Without a `period` it is kept as `kept` says. `of_person` hands out one {label: value} per row.
    `erase_person` erases at her own request what nobody needs to decide about and returns how
    many rows; `at_request` says in words what that is. What `goes_with_account` is erased when a
    person has decided that the account is. `left` is how many rows there are, and from when
    the first of them that will be erased counts its period.
    """

    key: str
    label: str
    whom: str
    what: str
    purpose: str
    ground: str
    seen_by: str
    left: Callable[[], tuple[int, Moment | None]]
    period: Period | None = None
    kept: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_person: Callable[[Person], Iterable[Facts]] = nothing
    erase_person: Callable[[Person], int] | None = None
    at_request: str = ""
    goes_with_account: bool = False
    order: int = 50


_holdings: dict[str, Holding] = {}


def register(*declared: Holding) -> None:
    """Add holdings (in the app's ready())."""
    _holdings.update({holding.key: holding for holding in declared})


def holdings() -> list[Holding]:
    """All holdings in the order of the page."""
    return sorted(_holdings.values(), key=lambda holding: (holding.order, holding.key))


def rules() -> dict[str, RetentionRule]:
    """Key → the period in force of each holding that has one; one query.

    Where nothing has been entered it is what the code proposes, unsaved.
    """
    entered = RetentionRule.objects.in_bulk(field_name="key")
    found = {}
    for holding in holdings():
        if holding.period:
            rule = entered.get(holding.key) or RetentionRule(
                key=holding.key, label=holding.label, days=holding.period.days
            )
            rule.days = max(rule.days, holding.period.least)
            found[holding.key] = rule
    return found


def least_days(key: str) -> int:
    """The shortest period that may be entered for a holding."""
    period = _holdings[key].period if key in _holdings else None
    return period.least if period else 0


def enter_rules() -> None:
    """Write down what the code proposes, so that administrators find it; keeps what is there."""
    proposed = [rule for rule in rules().values() if rule.pk is None]
    RetentionRule.objects.bulk_create(proposed, ignore_conflicts=True)


def erase_due(now: Moment | None = None) -> dict[str, int]:
    """Erase everything whose period is over; key → how many rows.

    Side effects: history, with counts. Each holding is a transaction of its own, and one that
    fails leaves the others alone: the failures are raised together at the end.
    """
    now = now or timezone.now()
    enter_rules()
    in_force = rules()
    outcome: dict[str, int] = {}
    failures: list[Exception] = []
    for holding in holdings():
        if not holding.period:
            continue
        rule = in_force[holding.key]
        before = now - datetime.timedelta(days=rule.days)
        try:
            with transaction.atomic():
                count = outcome[holding.key] = holding.period.erase(before)
                if count:
                    counted = {"antal": ["", str(count)], "äldre än": ["", f"{before:%Y-%m-%d}"]}
                    AuditEntry.record(
                        "gallrat", rule, by=None, reason=rule.decision, changes=counted
                    )
        except Exception as problem:
            log.exception("Holding %s could not be erased", holding.key)
            failures.append(problem)
    scrub()
    if failures:
        raise ExceptionGroup("Not everything could be erased", failures)
    return outcome


def count_due(now: Moment | None = None) -> dict[str, int]:
    """How many rows `erase_due` would erase of each holding; changes nothing."""
    now = now or timezone.now()
    in_force = rules()
    return {
        holding.key: holding.period.due(now - datetime.timedelta(days=in_force[holding.key].days))
        for holding in holdings()
        if holding.period
    }


def scrub() -> None:
    """Leave no bytes of what was erased in SQLite's log; its pages are overwritten by themselves
    (secure_delete). PostgreSQL's vacuum takes its pages back in its own time.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@transaction.atomic
def erase_at_request(person: Person, *, by: Any, about: Any) -> dict[str, int]:
    """Erase what a person may have erased without anybody's decision; key → how many rows.

    Side effect: history, about the object `about`, with counts.
    """
    outcome = {
        holding.key: holding.erase_person(person) for holding in holdings() if holding.erase_person
    }
    counted = {key: ["", str(count)] for key, count in outcome.items() if count}
    AuditEntry.record("raderat på begäran", about, by=by, changes=counted)
    return outcome


def handed_out(person: Person) -> list[tuple[Holding, list[Facts]]]:
    """Everything that is kept about a person, holding by holding, those with nothing left out."""
    found = [(holding, list(holding.of_person(person))) for holding in holdings()]
    return [(holding, rows) for holding, rows in found if rows]
