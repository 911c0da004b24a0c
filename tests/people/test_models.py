"""Users whose address is their login, and organisations in time."""

import datetime

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import IntegrityError

from people.models import Organisation, User, audiences_of
from tests.factories import make_district, make_organisation, make_user

pytestmark = pytest.mark.django_db


# --- Users --------------------------------------------------------------------------------------


def test_an_address_is_kept_in_lower_case_and_found_however_it_is_typed():
    user = User.objects.create_user("Redaktor@Example.ORG", "ett långt lösenord")
    assert user.email == "redaktor@example.org"
    assert User.objects.get_by_natural_key("REDAKTOR@example.org") == user
    assert authenticate(email="redaktor@example.org", password="ett långt lösenord") == user


def test_a_user_without_a_password_cannot_log_in_with_one():
    user = make_user()
    assert user.has_usable_password() is False
    assert authenticate(email=user.email, password="") is None


def test_a_user_needs_an_address():
    with pytest.raises(ValueError, match="needs an e-mail address"):
        User.objects.create_user("")
    with pytest.raises(IntegrityError):
        User(email="").save()


def test_an_address_belongs_to_one_user():
    make_user("redaktor@example.org")
    with pytest.raises(IntegrityError):
        make_user("REDAKTOR@example.org")


def test_an_administrator_is_made_from_the_command_line(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "ett långt lösenord")
    call_command("createsuperuser", email="Admin@example.org", interactive=False, verbosity=0)
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("admin@example.org", True, True)
    assert audiences_of(user) == {"alla", "personal"}


@pytest.mark.parametrize(("name", "shown"), [("Ada", "Ada"), ("", "ada@example.org")])
def test_a_user_is_called_by_name_where_there_is_one(name, shown):
    assert str(make_user("ada@example.org", name=name)) == shown


def test_staff_see_what_is_for_staff_while_their_account_is_open():
    open_one, closed = make_user(), make_user("slutat@example.org", is_active=False)
    assert audiences_of(open_one) == {"alla", "personal"}
    assert audiences_of(closed) == audiences_of(AnonymousUser()) == {"alla"}


# --- Organisations ------------------------------------------------------------------------------


def test_an_organisation_is_called_by_its_short_name_and_sorted_by_it():
    made = make_organisation("Älvsjö stadsdelsförvaltning", short_name="Älvsjö")
    assert (str(made), made.sort_key) == ("Älvsjö", "|lvsj}")


def test_organisations_stand_in_swedish_order():
    for name in ("Östermalm", "Älvsjö", "Årsta", "Zinken", "Én", "Ek"):
        make_organisation(name)
    names = [row.name for row in Organisation.objects.alphabetical()]
    assert names == ["Ek", "Én", "Zinken", "Årsta", "Älvsjö", "Östermalm"]


def test_an_organisation_is_there_from_its_first_day_until_the_day_it_is_no_longer():
    first, last = datetime.date(2007, 1, 1), datetime.date(2020, 7, 1)
    make_district(valid_from=first, valid_to=last)
    one = datetime.timedelta(days=1)
    days = [first - one, first, last - one, last]
    assert [Organisation.objects.on(day).count() for day in days] == [0, 1, 1, 0]


def test_an_organisation_ends_at_midnight_in_stockholm():
    district = make_district(valid_to=datetime.date(2023, 7, 1))
    seen = []
    for moment in ("2023-06-30T21:59Z", "2023-06-30T22:00Z"):
        with time_machine.travel(moment, tick=False):
            seen.append(district.is_current)
    assert seen == [True, False]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        *(("Rågsved", True), ("  rågsved ", True), ("EÅV", True), ("enskede-årsta-vantör", True)),
        *(("Ragsved", False), ("Råg", False), ("", False)),
    ],
)
def test_a_district_answers_to_its_names_and_its_neighbourhoods(text, called):
    district = Organisation(
        name="Enskede-Årsta-Vantör", short_name="EÅV", neighbourhoods=["Rågsved", "Årsta"]
    )
    assert district.is_called(text) is called
