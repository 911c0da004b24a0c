"""The history in words: what each line of core.AuditEntry tells, and the history as records."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from core.fields import field_label
from core.models import AuditEntry
from people import records
from people.models import Membership, Merger, Organisation, SiteRole, User

# Kinds of lines that are about no row of a table.
OTHER_KINDS = {
    records.KIND: "Utlämnade handlingar",
    "people.extract": "Utlämnade uppgifter om en person",
}
# States that are no choices of the object's own field "state".
OTHER_STATES: dict[type[models.Model], dict[str, str]] = {User: dict(SiteRole.Role.choices)}
# Within this of its end everything that a merger writes is written.
NEAR = datetime.timedelta(minutes=10)
ERASED, PORTAL = "ett borttaget konto", "portalen själv"


def model_of(kind: str) -> type[models.Model] | None:
    """The model that a line's kind names, if there still is one."""
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def kind_label(kind: str) -> str:
    """A kind in words."""
    model = model_of(kind)
    return capfirst(str(model._meta.verbose_name)) if model else OTHER_KINDS.get(kind, kind)


def state_label(kind: str, state: str) -> str:
    """A state in words."""
    model = model_of(kind)
    if model is None:
        return state
    own = next((field for field in model._meta.fields if field.name == "state"), None)
    choices = OTHER_STATES.get(model) or dict(own.flatchoices if own else ())
    return str(choices.get(state, state)).lower()


@dataclass(frozen=True)
class Change:
    """One changed field; a personal one is told without its values."""

    field: str
    old: str = ""
    new: str = ""
    personal: bool = False


class Line:
    """One line of the history, as it is read."""

    def __init__(self, entry: AuditEntry) -> None:
        self.entry = entry

    @property
    def kind(self) -> str:
        """What sort of thing it is about."""
        return kind_label(self.entry.app_model)

    @property
    def what(self) -> str:
        """What was done, as a sentence begins."""
        return capfirst(self.entry.verb)

    @property
    def who(self) -> str:
        """Who did it, as now known."""
        if self.entry.by:
            return str(self.entry.by)
        return ERASED if self.entry.by_account else PORTAL

    @property
    def move(self) -> str:
        """From what to what, as it stands in a sentence; nothing where the verb says it all."""
        before, after = (
            state_label(self.entry.app_model, state) if state else ""
            for state in (self.entry.from_state, self.entry.to_state)
        )
        if not before and after == self.entry.verb:
            return ""
        parts = [f"från {before}" if before else "", f"till {after}" if after else ""]
        return " ".join(part for part in parts if part)

    @cached_property
    def changes(self) -> list[Change]:
        """The changed fields."""
        changes = []
        model = model_of(self.entry.app_model)
        for name, pair in self.entry.changes.items():
            # Rows below an object are told in words already.
            field = capfirst(field_label(model, name) if model else name)
            old, new = pair or ("", "")
            changes.append(Change(field, str(old), str(new), personal=not pair))
        return changes

    @property
    def is_new(self) -> bool:
        """Whether there was nothing before: then the table has no column for it."""
        return not any(change.old or change.personal for change in self.changes)


def of_merger(merger: Merger) -> list[Line]:
    """What a merger that is done has moved, in the order in which it was done."""
    done = AuditEntry.about(merger).filter(to_state=Merger.State.DONE).first()
    if done is None or merger.successor is None:
        return []
    # Written in one transaction, with one reason; what else is about these may have happened then.
    near = AuditEntry.objects.filter(
        request_id=done.request_id,
        reason=merger.reason,
        at__range=(done.at - NEAR, done.at + NEAR),
        app_model__in=[Organisation._meta.label_lower, Membership._meta.label_lower],
    )
    places = {merger.successor.pk, *merger.organisations.values_list("pk", flat=True)}
    roles = Membership.objects.filter(organisation__in=places).values_list("pk", flat=True)
    its_own = {(Organisation._meta.label_lower, str(pk)) for pk in places}
    its_own |= {(Membership._meta.label_lower, str(pk)) for pk in roles}
    into = str(merger.successor)
    return [
        Line(entry)
        for entry in near.select_related("by").order_by("pk")
        if (entry.app_model, entry.object_id) in its_own
        or entry.changes.get("parent", ["", ""])[1] == into
    ]


def between(
    entries: QuerySet[AuditEntry], first: datetime.date | None, last: datetime.date | None
) -> QuerySet[AuditEntry]:
    """The lines of these days, in the portal's time."""

    def midnight(day: datetime.date) -> datetime.datetime:
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))

    if first:
        entries = entries.filter(at__gte=midnight(first))
    if last:
        entries = entries.filter(at__lt=midnight(last + datetime.timedelta(days=1)))
    return entries


def rows(first: datetime.date | None, last: datetime.date | None) -> Iterator[tuple[Any, ...]]:
    """The lines as a registrar hands them out, oldest first: accounts by number, not by name."""
    entries = between(AuditEntry.objects.order_by("pk"), first, last)
    for entry in entries.iterator(chunk_size=1000):
        who = ERASED if entry.by_account else PORTAL
        yield (
            *(entry.pk, entry.at, entry.verb, entry.app_model, entry.object_id),
            *(entry.object_label, entry.from_state, entry.to_state, entry.reason),
            *(f"Konto {entry.by_id}" if entry.by_id else who, entry.changes, entry.request_id),
        )


SERIES = records.Series(
    key="historik",
    label="Historik: alla ändringar och händelser i portalen",
    columns=(
        *("nummer", "nar", "handelse", "slag", "objektets_id", "objekt", "fran", "till", "skal"),
        *("av", "andringar", "anrop"),
    ),
    rows=rows,
)
