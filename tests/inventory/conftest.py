"""A unit of a district, at a time when what it runs is a year old, and those who answer for it."""

from collections.abc import Iterator

import pytest
import time_machine

from people.models import Organisation, User
from tests.factories import make_district, make_member, make_unit

from .asking import START


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The second of March 2026, in the morning; tests move it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def farsta() -> Organisation:
    return make_district("Farsta")


@pytest.fixture
def unit(farsta) -> Organisation:
    return make_unit("Träffpunkten", farsta)


@pytest.fixture
def reporter(unit) -> User:
    return make_member("lamnar@example.org", unit, "uppgiftslamnare")


@pytest.fixture
def mailbox(unit) -> str:
    Organisation.objects.filter(pk=unit.pk).update(contact_email="traffen@example.org")
    unit.refresh_from_db()
    return unit.contact_email
