"""What a visitor may not see is nowhere: not on a page, in a count, in a file or behind an address.

Three projects are hidden: one for staff, one withdrawn, one whose day has not come. Each carries
words in every field that nothing else carries.
"""

import datetime
import re
from collections.abc import Iterator
from itertools import combinations

import pytest
from django.test import Client
from django.utils import timezone

from inventory import actions
from inventory.models import Document, Project
from library.actions import tool_changed
from people.models import Organisation
from tests.addresses import addresses
from tests.factories import (
    ended_fields,
    make_curator,
    make_district,
    make_document,
    make_idea,
    make_instrument,
    make_link,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_user,
)
from tests.reading import body, csv_rows, everything_in, page, titles

pytestmark = pytest.mark.django_db

RARE = "kvastskaft"  # in what is hidden and nowhere else
THEMES = ["Boende", "Samverkan"]
FORMS = ("csv", "json", "xlsx")


def hide(title: str, **fields) -> Project:
    """A project that shares district and themes with the public one, full of the rare word."""
    texts = {
        name: f"{RARE} {name}"
        for name in (
            *("plain_summary", "contact_function", "contact_phone", "need", "rationale"),
            *("research_link", "user_involvement_text", "activities", "staff_roles", "setting"),
            *("dose", "adaptations", "funding", "reference_number", "source_section"),
            *("results", "what_failed", "advice", "continuation"),
        )
    }
    rest = {
        "title": f"{title} {RARE}",
        "contact_email": f"{RARE}@example.org",
        "start_date": "1999",
        "end_date": "2001",
        "themes": THEMES,
    }
    hidden = make_project(**ended_fields() | texts | rest | fields)
    make_measure(hidden, ("2001", 50, 10), indicator=f"{RARE} andel", goal=f"{RARE} mål")
    make_document(hidden, title=f"{RARE} rapport", content=RARE.encode())
    make_link(hidden, title=f"{RARE} länk")
    return hidden


class World:
    """One public project among three hidden ones, all related to one another."""

    def __init__(self) -> None:
        self.district: Organisation = make_district("Bromma")
        self.public = make_project(title="Öppet boendestöd", themes=THEMES)
        self.shown: Document = make_document(self.public)
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        self.staff = hide("För personal", visibility="personal")
        self.withdrawn = hide("Avpublicerat")
        self.embargoed = hide("Kommande", embargo_until=tomorrow)
        self.hidden = (self.staff, self.withdrawn, self.embargoed)
        secret = make_organisation(f"Föreningen {RARE}")
        for project in self.hidden:
            make_partner(project, secret)
            project.inspired_by.add(self.public)
            self.public.inspired_by.add(project)
        self.idea = make_idea(
            self.district,
            title=f"Intern {RARE}",
            text=RARE,
            contact_function=f"Funktionen {RARE}",
            contact_email=f"{RARE}@example.org",
            themes=THEMES,
        )
        instrument = make_instrument(f"Skala {RARE}")
        instrument.visibility = "personal"
        instrument.save()
        tool_changed(tool=instrument)
        self.staff.instruments.add(instrument)
        for project in (self.staff, self.public, self.embargoed):
            actions.record_change(project=project, by=None, changes={})
        actions.withdraw(project=self.withdrawn, reason="Dubblett.", by=make_curator())


@pytest.fixture
def world() -> World:
    return World()


def public_addresses(world: World) -> Iterator[str]:
    """Every public address, lists and files in many selections."""
    yield from addresses(world.shown).values()
    yield f"{world.public.get_absolute_url()}kontakt/"
    queries = [
        "?sida=2",
        "?stadsdel=bromma",
        "?tema=boende&tema=samverkan",
        "?lage=avslutades",
        "?fran=1999&till=2001",
        "?q=f%C3%B6r+personal",
        "?q=Kommande",
        *(f"?sortera={order}" for order in ("nyast", "start", "bekraftad", "namn")),
    ]
    for query in queries:
        yield f"/inventering/{query}"
        for form in FORMS:
            yield f"/inventering/export.{form}{query}"
    ids = [project.public_id for project in (world.public, *world.hidden)]
    for first, second in combinations(ids, 2):
        yield f"/inventering/jamfor/?id={first}&id={second}"
    yield world.idea.get_absolute_url()
    for rest in ("", "andra/", "avsluta/", "vi-ocksa/"):
        yield f"/inventering/ideer/{world.idea.pk}/x/{rest}"
    for query in ("?slag=ide", "?tema=boende&sortera=vi-ocksa", "?stadsdel=bromma"):
        yield f"/inventering/ideer/{query}"
    for project in world.hidden:
        yield f"/inventering/{project.public_id}/"
        yield f"/inventering/{project.public_id}/x/"
        yield project.get_absolute_url()
        yield f"{project.get_absolute_url()}faktablad.pdf"
        yield f"{project.get_absolute_url()}kontakt/"
        yield f"{project.get_absolute_url()}kontakt/tack/"
        for document in project.documents.all():
            yield f"/inventering/{project.public_id}/filer/{document.pk}/"
            yield f"/inventering/{world.public.public_id}/filer/{document.pk}/"


def leaks(client: Client, world: World) -> list[str]:
    """The addresses that answer the rare word, in their headers or in what they send."""
    found = []
    for address in public_addresses(world):
        response = client.get(address)
        if RARE in str(response.headers) + everything_in(body(response)):
            found.append(address)
    return found


def test_nothing_of_what_is_hidden_is_at_any_public_address(client, world, unlimited):
    assert leaks(client, world) == []


def test_the_search_for_leaks_finds_them(client, world, unlimited):
    """So that the test above is known to see something: staff do meet the staff's project."""
    client.force_login(make_user())
    found = leaks(client, world)
    assert [address in found for address in ("/", "/inventering/", "/inventering/export.xlsx")] == [
        True
    ] * 3
    assert world.idea.get_absolute_url() in found
    assert f"{world.staff.get_absolute_url()}faktablad.pdf" in found


def test_search_words_of_what_is_hidden_find_nothing(client, world):
    for words in (RARE, f"personal+{RARE}", "avpublicerat", "kommande"):
        assert titles(client, f"?q={words}") == []


def test_counts_and_facets_know_the_public_project_only(client, world):
    markup = page(client, "/inventering/")
    assert '<h2 id="antal">1 projekt eller verksamhet</h2>' in markup
    assert set(re.findall(r'<span class="n">(.*?)<span', markup)) == {"1"}
    assert 'value="avslutades"' not in markup


@pytest.mark.parametrize("form", FORMS)
def test_files_hold_the_public_project_only(client, world, form):
    content = everything_in(body(client.get(f"/inventering/export.{form}")))
    assert "Öppet boendestöd" in content
    assert [
        title for title in ("För personal", "Avpublicerat", "Kommande") if title in content
    ] == []


def test_the_overview_and_districts_count_the_public_project_only(client, world):
    for address in ("/", "/inventering/oversikt/", "/stadsdelar/"):
        assert "Bromma: 1 rapporterad, varav 1 pågår" in page(client, address)
    assert "1 rapporterad. 1 pågår" in page(client, "/stadsdelar/bromma/")


def test_the_timeline_does_not_reach_back_to_what_is_hidden(client, world):
    assert re.findall("1999|2000|2001", page(client, "/inventering/oversikt/")) == []


def test_related_projects_are_only_those_that_may_be_seen(client, world):
    markup = page(client, world.public.get_absolute_url())
    assert ("Hör ihop med" in markup, "Liknande projekt" in markup) == (False, False)
    assert f"?id={world.public.public_id}&amp;" not in markup


def test_the_sitemap_names_the_public_project_only(client, world):
    found = re.findall(r"<loc>http://testserver(.*?)</loc>", page(client, "/sitemap-poster.xml"))
    assert found == [world.public.get_absolute_url()]


def test_what_is_hidden_answers_as_if_it_were_not_there(client, world):
    statuses = {
        project.title.split()[0]: [
            client.get(address).status_code
            for address in (
                f"/inventering/{project.public_id}/",
                project.get_absolute_url(),
                f"/inventering/{project.public_id}/x/",
                f"{project.get_absolute_url()}faktablad.pdf",
                f"/inventering/{project.public_id}/filer/{project.documents.get().pk}/",
                f"/inventering/jamfor/?id={project.public_id}",
            )
        ]
        for project in world.hidden
    }
    assert statuses == {
        "För": [404] * 6,
        "Avpublicerat": [410, 410, 410, 410, 410, 404],
        "Kommande": [404] * 6,
    }


def test_staff_see_what_is_for_staff_and_nothing_else_that_is_hidden(client, world):
    client.force_login(make_user())
    assert sorted(titles(client)) == [f"För personal {RARE}", "Öppet boendestöd"]
    assert len(csv_rows(client.get("/inventering/export.csv"))) == 2
    statuses = [client.get(project.get_absolute_url()).status_code for project in world.hidden]
    assert statuses == [200, 410, 404]


def test_somebody_whose_account_is_closed_sees_what_everybody_sees(client, world):
    user = make_user()
    client.force_login(user)
    user.is_active = False
    user.save()
    assert titles(client) == ["Öppet boendestöd"]
    assert client.get(world.staff.get_absolute_url()).status_code == 404


def test_a_withdrawal_before_the_first_day_tells_nobody(client):
    """It was never public, so its address has nothing to say about it."""
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    project = make_project(embargo_until=tomorrow)
    actions.withdraw(project=project, reason="Hemligt skäl.", by=make_curator())
    assert client.get(project.get_absolute_url()).status_code == 404


def test_phone_and_mailbox_are_for_those_who_are_signed_in(client):
    project = make_project(contact_phone="08-508 00 000", contact_email="enheten@example.org")
    address = project.get_absolute_url()
    open_pages = [
        address,
        f"{address}faktablad.pdf",
        f"{address}kontakt/",
        "/inventering/",
        f"/inventering/jamfor/?id={project.public_id}",
        *(f"/inventering/export.{form}" for form in FORMS),
    ]
    for open_page in open_pages:
        content = everything_in(body(client.get(open_page)))
        assert ("08-508" in content, "enheten@" in content) == (False, False), open_page

    client.force_login(make_user())
    content = page(client, address)
    assert ("08-508 00 000" in content, "mailto:enheten@example.org" in content) == (True, True)
