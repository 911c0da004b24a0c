"""What somebody ought to see to, and the links that are asked for at night."""

import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core import outside
from library import attention, link_checks
from library.models import Draft, Item, LinkCheck
from tests.factories import make_curator, make_source
from tests.library_factories import make_file, make_item, make_library_draft, make_method
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

FINE, GONE = outside.Answered(True, ""), outside.Answered(False, "Platsen svarar 404.")


def told() -> dict[str, list[str]]:
    return {heap.key: [row.title for row in heap.rows] for heap in attention.heaps()}


def test_an_empty_library_has_nothing_to_see_to(client):
    client.force_login(make_curator())
    said = text_of(page(client, "/redaktion/bibliotek/att-gora/"))
    assert said.count("Inget just nu.") == len(attention.heaps()) == 5


def test_each_heap_has_its_own_and_no_others(client):
    today = timezone.localdate()
    late = make_item(title="Försenad", review_due=today - datetime.timedelta(days=1))
    make_item(title="I tid", review_due=today)
    make_item(title="Utan kort", plain_summary="", source=make_source())
    make_method("Utan kort metod")
    make_file(late, title="Inläst", reading="utan-text")
    make_file(late, title="Läst", reading="last")
    old = make_library_draft(title=["Glömt"])
    make_library_draft(title=["Nytt"])
    Draft.objects.filter(pk=old.pk).update(changed_at=timezone.now() - datetime.timedelta(days=31))
    assert told() == {
        "granskas": ["Försenad"],
        "latt-svenska": ["Utan kort", "Utan kort metod"],
        "filer": ["Inläst"],
        "lankar": [],
        "utkast": ["Glömt"],
    }
    client.force_login(make_curator())
    markup = page(client, "/redaktion/bibliotek/att-gora/")
    for way in (f"andra/post/{late.pk}/", f"bibliotek/{old.pk}/"):
        assert way in markup


def test_what_is_withdrawn_needs_nothing():
    make_item(review_due=datetime.date(2000, 1, 1))
    Item.objects.update(withdrawn_at=timezone.now(), withdrawn_reason="Fel.")
    assert told()["granskas"] == []


# --- Links ----------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """The addresses that are asked for; those that end with 404 are gone."""
    settings.CHECK_LINKS = True
    found: list[str] = []

    def ask(url: str) -> outside.Answered:
        found.append(url)
        return GONE if url.endswith("404") else FINE

    monkeypatch.setattr(outside, "ask", ask)
    monkeypatch.setattr(link_checks, "PAUSE", 0)
    return found


def test_nobody_is_asked_unless_it_is_wanted(asked, settings):
    settings.CHECK_LINKS = False
    make_item(url="https://example.org/1")
    assert (link_checks.check_due(), asked) == ("", [])


def test_a_link_is_asked_for_once_a_month_and_again_when_it_is_changed(asked):
    item = make_item(url="https://example.org/1")
    make_item(url="")
    assert link_checks.check_due() == "1 länkar prövade"
    assert link_checks.check_due() == ""
    Item.objects.filter(pk=item.pk).update(url="https://example.org/2")
    link_checks.check_due()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31)):
        link_checks.check_due()
    assert asked == ["https://example.org/1", *["https://example.org/2"] * 2]


def test_a_link_is_told_of_when_it_has_not_answered_twice(asked):
    item = make_item(title="Borta", url="https://example.org/404")
    link_checks.check_due()
    assert told()["lankar"] == []
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3)):
        link_checks.check_due()
    assert (told()["lankar"], LinkCheck.objects.get().told) == (["Borta"], "Platsen svarar 404.")
    Item.objects.filter(pk=item.pk).update(url="https://example.org/1")
    assert told()["lankar"] == []
    link_checks.check_due()
    check = LinkCheck.objects.get()
    assert (check.is_broken, check.times_broken, check.url) == (False, 0, "https://example.org/1")


def test_one_night_asks_for_a_few(asked, monkeypatch):
    monkeypatch.setattr(link_checks, "AT_ONCE", 2)
    for number in range(3):
        make_item(title=f"Post {number}", url=f"https://example.org/{number}")
    link_checks.check_due()
    link_checks.check_due()
    assert asked == [f"https://example.org/{number}" for number in range(3)]


def test_only_those_who_write_see_it():
    assert Client().get("/redaktion/bibliotek/att-gora/").status_code == 302
