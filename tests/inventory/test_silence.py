"""Units that have not answered, as curators see them."""

import datetime

import pytest
from django.test import Client

from core.models import AuditEntry
from inventory import actions
from inventory.models import Project
from people import roles
from people.models import Organisation
from tests.factories import (
    make_curator,
    make_district,
    make_member,
    make_organisation,
    make_unit,
)
from tests.people.test_roles import somebody
from tests.people.walking import text_of
from tests.reading import csv_rows, page

from .asking import START, asked, key_of, letters, old_project, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = datetime.timedelta(days=1)
REPORTER, MANAGER = "uppgiftslamnare", "enhetschef"


# --- The curators' list ---------------------------------------------------------------------------

LIST = "/redaktion/tysta-enheter/"


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_the_list_is_for_those_who_edit(role, unit, mailbox, clock):
    old_project(unit)
    inquiry = asked(unit)
    clock.move_to(START + 2 * DAY)
    user = somebody(role, unit)
    client = signed_in(user) if user else Client()
    may = role in roles.EDIT_CONTENT.roles
    other = 302 if role is roles.Visitor else 404
    got = [client.get(path).status_code for path in (LIST, "/redaktion/tysta-enheter.csv")]
    assert got == [200 if may else other] * 2
    assert client.post(f"{LIST}{inquiry.pk}/skicka-igen/").status_code == (302 if may else other)
    assert len(letters()) == 1 + may
    if user:
        assert (f'href="{LIST}"' in page(client, "/mina-sidor/")) == may


def test_the_list_tells_by_district_who_has_not_answered(farsta, unit, mailbox, clock):
    for title in ("A", "B"):
        old_project(unit, title)
    old_project(make_organisation("En förening"), "C")
    old_project(make_unit("Ängen", make_district("Älvsjö")), "D")
    make_member("chef@example.org", Organisation.objects.get(name="Ängen"), MANAGER)
    actions.ask_due()
    actions.confirm(project=Project.objects.get(title="A"), by=None)
    for days in (21, 42):
        clock.move_to(START + days * DAY)
        actions.ask_due()
    client = signed_in(make_curator())
    text = text_of(client.get(LIST))
    assert "3 enheter har inte svarat. 3 av dem är tysta." in text
    assert "Tyst, frågad sedan 2 mars 2026" in text
    assert "Funktionsbrevlåda: Träffpunkten, 13 april 2026" in text
    rows = csv_rows(client.get("/redaktion/tysta-enheter.csv"))
    assert [tuple(row.values()) for row in rows] == [
        (
            "Farsta",
            "Träffpunkten",
            "Tyst",
            "2026-03-02",
            "2026-04-13",
            "2",
            "Funktionsbrevlåda: Träffpunkten",
            "2",
            "1",
        ),
        ("Älvsjö", "Ängen", "Tyst", "2026-03-02", "2026-04-13", "2", "1 enhetschef", "1", "1"),
        (
            "Utan stadsdelsområde",
            "En förening",
            "Ingen att fråga",
            "2026-03-02",
            "2026-04-13",
            "2",
            "",
            "1",
            "1",
        ),
    ]
    assert "chef@example.org" not in page(client, LIST)


def test_sent_again_it_is_one_mail_however_often_it_is_pressed(unit, mailbox, clock):
    old_project(unit)
    inquiry = asked(unit)
    before = key_of(inquiry)
    clock.move_to(START + 70 * DAY)
    curator = make_curator()
    client = signed_in(curator)
    told_of = [
        text_of(client.post(f"{LIST}{inquiry.pk}/skicka-igen/", follow=True)) for _ in range(2)
    ]
    assert "Frågan är skickad igen till Träffpunkten." in told_of[0]
    assert "fick ett mejl för mindre än ett dygn sedan" in told_of[1]
    assert len(letters()) == 2
    inquiry.refresh_from_db()
    codes = [Client().get(path).status_code for path in (before, key_of(inquiry))]
    assert codes == [404, 200]
    entry = AuditEntry.about(inquiry).first()
    assert (entry.verb, entry.by) == ("fråga skickad", curator)
    actions.confirm(project=Project.objects.get(), by=None)
    clock.move_to(START + 72 * DAY)
    late = text_of(client.post(f"{LIST}{inquiry.pk}/skicka-igen/", follow=True))
    assert "har redan svarat" in late
    assert client.post(f"{LIST}4711/skicka-igen/").status_code == 404


def test_where_there_is_nobody_the_curator_is_told_what_to_do(unit, clock):
    old_project(unit)
    inquiry = asked(unit)
    clock.move_to(START + 2 * DAY)
    client = signed_in(make_curator())
    said = text_of(client.post(f"{LIST}{inquiry.pk}/skicka-igen/", follow=True))
    assert "Det finns ännu ingen att fråga i Träffpunkten." in said


def test_an_empty_list_says_so():
    text = text_of(signed_in(make_curator()).get(LIST))
    assert "Alla enheter som har fått frågan har svarat." in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(count, django_assert_num_queries):
    for name in ("Farsta", "Bromma", "Järva")[:count]:
        district = make_district(name)
        old_project(district, name)
        inquiry = asked(district)
        if name != "Farsta":
            actions.want_to_change(entry=inquiry.entries.get(), by=None)
    client = signed_in(make_curator())
    client.get(LIST)
    with django_assert_num_queries(7):
        client.get(LIST)
