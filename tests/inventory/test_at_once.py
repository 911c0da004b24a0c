"""Two do the same for a unit at the very same time: it is done once, and none waits for ever."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.fields import PartialDate
from core.models import AuditEntry, Mail
from inventory import actions
from inventory.actions.confirming import YEAR
from inventory.models import Inquiry, Measure, MeasurePoint, Project
from people.models import Organisation
from tests.factories import ended_fields, make_district, make_measure, make_project

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to, all begun together."""
    start = threading.Barrier(len(acts))

    def do(act: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=20)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [each.result() for each in [threads.submit(do, act) for act in acts]]


def old_projects(count: int) -> tuple[Organisation, list[Project]]:
    unit = make_district("Farsta", contact_email="farsta@example.org")
    published = timezone.now() - YEAR
    made = [make_project(title=f"P{n}", lead=unit, published_at=published) for n in range(count)]
    return unit, made


def test_a_unit_is_asked_once():
    unit, _ = old_projects(1)
    assert sorted(at_once(*[lambda: actions.ask(unit=unit)] * 2)) == [False, True]
    assert (Inquiry.objects.count(), Mail.objects.count()) == (1, 1)


def test_a_value_is_added_once():
    measure = make_measure(make_project())
    fields = {"date": PartialDate("2026"), "value": Decimal(3), "n": None, "source": ""}

    def add() -> bool:
        return actions.add_point(measure=Measure.objects.get(pk=measure.pk), **fields, by=None)

    assert sorted(at_once(add, add)) == [False, True]
    assert MeasurePoint.objects.count() == 1


def test_what_two_confirm_in_opposite_orders_is_confirmed_once():
    unit, projects = old_projects(3)
    actions.ask(unit=unit)

    def confirm(found: list[Project]) -> Callable[[], None]:
        fresh = [Project.objects.get(pk=each.pk) for each in found]
        return lambda: actions.confirm_all(projects=fresh, by=None)

    at_once(confirm(projects), confirm(projects[::-1]), confirm(projects[1:2]))
    assert AuditEntry.objects.filter(verb="bekräftad").count() == 3
    assert AuditEntry.objects.filter(verb="besvarad").count() == 1
    assert Inquiry.objects.get().answered_at is not None


def test_a_project_ends_once():
    (project,) = old_projects(1)[1]

    def end() -> bool:
        fresh = Project.objects.get(pk=project.pk)
        return actions.end_project(project=fresh, facts=ended_fields(), by=None)

    assert sorted(at_once(end, end)) == [False, True]
    assert AuditEntry.objects.filter(verb="avslutad").count() == 1
