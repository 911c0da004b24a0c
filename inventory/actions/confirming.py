"""Asking units once a year whether their entries are still true, and taking their answers."""

import datetime
import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from core.models import AuditEntry
from inventory import emails
from inventory.actions.publishing import refresh
from inventory.models import Inquiry, InquiryEntry, Project
from inventory.models.confirming import digest
from people.models import Organisation, User

log = logging.getLogger(__name__)

YEAR = datetime.timedelta(days=365)
# Asked about together with what is a year old, so that a unit gets one mail a year.
ALMOST = YEAR / 2
# Between two mails about the same, whatever a late clock or a double click asks for.
PAUSE = datetime.timedelta(days=14)
A_DAY = datetime.timedelta(days=1)
# Units at a time for each kind of mail; the rest tomorrow.
BATCH = 200


# --- Asking ---------------------------------------------------------------------------------------


def ask_due() -> int:
    """Ask, remind and ask again those units that it is time for; returns how many got their turn.

    Each unit is a transaction of its own, so that killed or run twice it asks nobody twice, and
    one that fails leaves the others alone: the failures are raised together at the end.
    """
    done, failures = 0, []
    for act in _due(timezone.now()):
        try:
            done += bool(act())
        except (OperationalError, InterfaceError):
            raise  # the database is away; so it is for the others
        except Exception as problem:
            log.exception("A unit could not be asked")
            failures.append(problem)
    if failures:
        raise ExceptionGroup("Not every unit could be asked", failures)
    return done


def _due(now: datetime.datetime) -> Iterator[Callable[[], object]]:
    for unit in units_to_ask(now)[:BATCH]:
        yield partial(ask, unit=unit)
    waiting = Inquiry.objects.open().select_related("unit")
    for reminders, wait in enumerate(Inquiry.REMINDED_AFTER):
        late = waiting.filter(
            reminders=reminders, sent_at__lte=now - wait, mailed_at__lte=now - PAUSE
        )
        for inquiry in late[:BATCH]:
            yield partial(remind, inquiry=inquiry)
    for inquiry in waiting.filter(sent_at__lte=now - YEAR)[:BATCH]:
        yield partial(ask_again, inquiry=inquiry, by=None)


def units_to_ask(now: datetime.datetime) -> QuerySet[Organisation]:
    """Units with an entry a year old that they have not been asked about, and no open inquiry."""
    old = Project.objects.going_on().unconfirmed_since(timezone.localdate(now - YEAR))
    asked = InquiryEntry.objects.filter(project=OuterRef("pk"), inquiry__sent_at__gt=now - YEAR)
    unasked = old.filter(~Exists(asked))
    open_one = Inquiry.objects.open().filter(unit=OuterRef("pk"))
    return Organisation.objects.filter(
        ~Exists(open_one), pk__in=unasked.order_by().values("lead")
    ).order_by("pk")


@transaction.atomic
def ask(*, unit: Organisation) -> bool:
    """Ask a unit about its entries; False when it is being asked already, or about nothing.

    Side effects: history; one mail to each of those who are asked.
    """
    now = timezone.now()
    inquiry, new = Inquiry.objects.get_or_create(
        unit=unit,
        answered_at=None,
        defaults={
            **dict.fromkeys(("asked_at", "sent_at", "mailed_at"), now),
            "expires_at": now + Inquiry.LASTS,
        },
    )
    if not new:
        return False
    _add_entries(inquiry)
    if not inquiry.entries.exists():  # confirmed while we looked
        inquiry.delete()
        return False
    _send(inquiry, verb="fråga skickad", by=None)
    return True


@transaction.atomic
def remind(*, inquiry: Inquiry) -> bool:
    """Ask those who have not answered once more; False when somebody else just did.

    An inquiry with nothing left to answer is closed instead. Side effects: history, mails.
    """
    due = Inquiry.objects.open().filter(pk=inquiry.pk, reminders=inquiry.reminders)
    if not due.update(reminders=F("reminders") + 1, mailed_at=timezone.now()):
        return False
    inquiry.refresh_from_db()
    if not _close_if_answered([inquiry]):
        _send(inquiry, verb="påmind", by=None)
    return True


@transaction.atomic
def ask_again(*, inquiry: Inquiry, by: User | None) -> bool:
    """Begin a new round of an open inquiry, with links that work for 60 days more.

    False when a mail went less than a day ago, or when it has been answered meanwhile. Side
    effects: history; mails to those who are to be asked now; earlier links stop working.
    """
    now = timezone.now()
    due = Inquiry.objects.open().filter(pk=inquiry.pk, mailed_at__lte=now - A_DAY)
    fields = {"sent_at": now, "mailed_at": now, "expires_at": now + Inquiry.LASTS}
    if not due.update(**fields, reminders=0):
        return False
    inquiry.refresh_from_db()
    _add_entries(inquiry)
    if _close_if_answered([inquiry]):
        return False
    _send(inquiry, verb="fråga skickad", by=by)
    return True


def _add_entries(inquiry: Inquiry) -> None:
    """What the unit runs and has neither confirmed nor been asked about for half a year."""
    half_a_year_ago = timezone.now() - ALMOST
    asked = InquiryEntry.objects.filter(
        project=OuterRef("pk"), inquiry__sent_at__gt=half_a_year_ago
    ).exclude(inquiry=inquiry)
    projects = Project.objects.going_on().filter(~Exists(asked), lead=inquiry.unit)
    InquiryEntry.objects.bulk_create(
        [
            InquiryEntry(inquiry=inquiry, project=project)
            for project in projects.unconfirmed_since(timezone.localdate(half_a_year_ago)).order_by(
                "title", "pk"
            )
        ],
        ignore_conflicts=True,
    )


def _send(inquiry: Inquiry, *, verb: str, by: User | None) -> None:
    waiting = inquiry.entries.waiting().select_related("project__lead", "project__source")
    projects = [
        entry.project for entry in waiting.prefetch_related("project__measures").order_by("pk")
    ]
    asked = emails.whom_to_ask(inquiry.unit, projects)
    inquiry.recipients, inquiry.sent_to = asked.recipients, asked.told[:150]
    inquiry.token_hash = digest(inquiry.token) if asked.addresses else None
    inquiry.save(update_fields=["recipients", "sent_to", "token_hash"])
    emails.still_true(inquiry, projects, asked.addresses)
    told = {"skickat till": ["", asked.told or str(asked.recipients.label)]}
    AuditEntry.record(verb, inquiry, by=by, changes=told)


# --- Answers --------------------------------------------------------------------------------------


def confirm(*, project: Project, by: User | None, reason: str = "") -> None:
    """Say that the entry is still true today; see confirm_all."""
    confirm_all(projects=[project], by=by, reason=reason)


@transaction.atomic
def confirm_all(*, projects: Iterable[Project], by: User | None, reason: str = "") -> None:
    """Say that these entries are still true today. One that was confirmed today stays as it is.

    `by` is None for who came with the key of a letter to a mailbox; `reason` then says so. Side
    effects: history and the catalogue; inquiries are answered.
    """
    today = timezone.localdate()
    # In one order, and the catalogue after all rows: two at once do not wait for one another.
    confirmed = []
    for project in sorted(projects, key=lambda each: each.pk):
        rows = Project.objects.filter(pk=project.pk).exclude(last_confirmed_at=today)
        if rows.update(last_confirmed_at=today, last_confirmed_by=by):
            project.last_confirmed_at, project.last_confirmed_by = today, by
            AuditEntry.record("bekräftad", project, by=by, reason=reason)
            confirmed.append(project)
        settle(project, InquiryEntry.Answer.TRUE)
    for project in confirmed:
        refresh(project)


@transaction.atomic
def want_to_change(*, entry: InquiryEntry, by: User | None, reason: str = "") -> bool:
    """Say that something in the entry is no longer true; False when it is answered already.

    Side effects: history; the inquiry is answered when this was the last of it.
    """
    waiting = InquiryEntry.objects.filter(pk=entry.pk, answer="")
    answer = InquiryEntry.Answer.CHANGE
    if not waiting.update(answer=answer, answered_at=timezone.now()):
        return False
    AuditEntry.record("ska ändras", entry.project, by=by, reason=reason)
    _close_if_answered([entry.inquiry])
    return True


def settle(project: Project, answer: InquiryEntry.Answer) -> None:
    """Write an answer about a project into its inquiry, whichever way the answer came."""
    unsettled = InquiryEntry.objects.filter(
        project=project, answer__in=["", InquiryEntry.Answer.CHANGE]
    )
    inquiries = list(Inquiry.objects.open().filter(entries__in=unsettled).distinct())
    if unsettled.update(answer=answer, answered_at=timezone.now()):
        _close_if_answered(inquiries)


def _close_if_answered(inquiries: Iterable[Inquiry]) -> bool:
    """Close those with nothing left to answer; whether there was one."""
    closed = 0
    for inquiry in inquiries:
        if inquiry.entries.waiting().exists():
            continue
        if Inquiry.objects.open().filter(pk=inquiry.pk).update(answered_at=timezone.now()):
            closed += 1
            AuditEntry.record("besvarad", inquiry, by=None)
    return bool(closed)
