"""What a unit tells of its project while it runs and when it ends."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.fields import PartialDate
from core.models import AuditEntry, Edition
from inventory.actions.confirming import settle
from inventory.actions.publishing import history_of, record_change, refresh
from inventory.models import InquiryEntry, Measure, MeasurePoint, Project
from people.models import User


class AlreadyThere(Exception):
    """The measure has that value on that date already, told otherwise."""


@transaction.atomic
def add_point(
    *,
    measure: Measure,
    date: PartialDate,
    value: Decimal,
    n: int | None,
    source: str,
    by: User | None,
    reason: str = "",
) -> bool:
    """Add what a measure showed on a date; False when exactly that is there already.

    Raises AlreadyThere for the same value on the same date with another n or source. Side
    effects: history and the catalogue of its project.
    """
    Edition.raise_number()  # two at once come one after the other, and the second sees the first
    same = MeasurePoint.objects.filter(measure=measure, date=date, value=value).first()
    if same is not None:
        if (same.n, same.source) == (n, source):
            return False
        raise AlreadyThere
    point = MeasurePoint.objects.create(measure=measure, date=date, value=value, n=n, source=source)
    told = {f"mätpunkter: {measure}, {point.date}": ("", f"{value.normalize():f} {measure.unit}")}
    record_change(project=measure.project, by=by, changes=told, reason=reason)
    return True


@transaction.atomic
def end_project(
    *, project: Project, facts: Mapping[str, Any], by: User | None, reason: str = ""
) -> bool:
    """End a project that goes on, with what came of it; False when it has ended or is withdrawn.

    `facts` are the status and the fields of an ended project. Ended, it is also confirmed today.
    Side effects: history and the catalogue; its inquiry is answered.
    """
    before = Project.objects.get(pk=project.pk)
    going_on = Project.objects.filter(pk=project.pk, withdrawn_at=None, status__in=Project.GOING_ON)
    today = timezone.localdate()
    if not going_on.update(**facts, last_confirmed_at=today, last_confirmed_by=by):
        return False
    project.refresh_from_db()
    changes = {
        name: (_shown(before, name), _shown(project, name))
        for name in facts
        if getattr(before, name) != getattr(project, name)
    }
    AuditEntry.record("avslutad", project, by=by, reason=reason, changes=history_of(changes))
    settle(project, InquiryEntry.Answer.ENDED)
    refresh(project)
    return True


def _shown(project: Project, name: str) -> str:
    """A field as the history tells it."""
    if name == "status":
        return project.get_status_display()
    value = getattr(project, name)
    return "" if value is None else str(value)
