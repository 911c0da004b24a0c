"""How many queries each page asks, told as numbers, with one row and with three.

*First*: a process that remembers nothing. *Cold*: something else was just published. *Repeated*:
anonymous, the same page again. *Warm*: signed in, the same page again.
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory import actions
from inventory.models import Document, Project
from library import actions as library_actions
from library.models import Instrument, Item
from search import indexing
from tests.addresses import addresses
from tests.conftest import forget_everything
from tests.factories import (
    make_district,
    make_document,
    make_instrument,
    make_link,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_source,
    make_user,
)
from tests.library_factories import make_file, make_item
from tests.reading import body

pytestmark = pytest.mark.django_db

# Address → (first, cold, repeated, warm). A repeated page is one query, to ask
# for the edition; a signed-in visitor's session, read with the account, is one more.
QUERIES = {
    "start": (10, 6, 1, 2),
    "about": (2, 2, 1, 3),
    "accessibility": (1, 1, 1, 2),
    "personal-data": (2, 2, 1, 3),
    # Counts are read of each kind of things that has themes.
    "search": (7, 4, 1, 2),
    "search-json": (8, 5, 1, 2),
    "opensearch": (1, 1, 1, 1),
    "inventory:list": (5, 5, 1, 2),
    "inventory:overview": (7, 7, 1, 2),
    "inventory:compare": (17, 17, 1, 18),
    "inventory:export-csv": (20, 20, 17, 18),
    "inventory:export-json": (20, 20, 17, 18),
    "inventory:export-xlsx": (20, 20, 17, 18),
    "inventory:ordered": (3, 3, 3, 4),
    "inventory:ordered-file": (3, 3, 3, 4),
    "inventory:ideas": (6, 6, 1, 2),
    # 404 for the anonymous. First of an idea: what is like it is found once an hour.
    "inventory:needs-csv": (1, 1, 1, 3),
    "inventory:needs-xlsx": (1, 1, 1, 3),
    "inventory:idea": (27, 6, 1, 9),
    "inventory:number": (2, 2, 2, 3),
    # First: the words that curators have taught are read too, and what is like the project.
    "inventory:project": (27, 5, 1, 2),
    "inventory:sheet": (12, 12, 1, 10),
    "inventory:document": (3, 3, 3, 4),
    "inventory:contact-thanks": (3, 3, 3, 4),
    "inventory:method-map": (8, 5, 1, 2),
    "library:item-voice-thanks": (9, 9, 1, 10),
    "library:method-voice-thanks": (2, 2, 1, 3),
    "library:instrument-voice-thanks": (2, 2, 1, 3),
    "library:gaps": (5, 5, 1, 2),
    "library:gaps-csv": (3, 3, 3, 4),
    "library:gap-thanks": (1, 1, 1, 2),
    "library:gap": (4, 4, 1, 2),
    "library:themes": (26, 5, 1, 2),
    "library:theme": (20, 8, 1, 2),
    "library:theme-feed": (3, 3, 1, 3),
    "library:reading-lists": (2, 2, 1, 2),
    "library:reading-list": (4, 4, 1, 2),
    "library:methods": (9, 6, 1, 2),
    "library:method": (16, 13, 1, 2),
    "library:method-sheet": (4, 4, 1, 5),
    "library:instruments": (9, 6, 1, 2),
    "library:instrument": (14, 11, 1, 2),
    "inventory:district-list": (6, 6, 1, 2),
    "inventory:district": (10, 10, 1, 2),
    "library:items": (5, 3, 1, 2),
    "library:feed": (5, 4, 1, 2),
    "library:export-csv": (12, 11, 9, 10),
    "library:export-json": (12, 11, 9, 10),
    "library:export-xlsx": (12, 11, 9, 10),
    "library:export-ris": (12, 11, 9, 10),
    "library:export-bib": (12, 11, 9, 10),
    "library:export-csl-json": (12, 11, 9, 10),
    "library:ordered": (3, 3, 3, 4),
    "library:ordered-file": (3, 3, 3, 4),
    "library:number": (2, 2, 2, 3),
    "library:file": (3, 3, 3, 4),
    "library:picture": (3, 3, 3, 4),
    "library:item": (28, 4, 1, 2),
    "library:reference-ris": (9, 9, 1, 2),
    "library:reference-bib": (9, 9, 1, 2),
    "library:reference-json": (9, 9, 1, 2),
    "alive": (0, 0, 0, 0),
    "ready": (3, 3, 3, 3),
    "sitemap": (4, 4, 1, 4),
    "sitemap-section": (3, 3, 1, 3),
    "robots": (1, 1, 1, 1),
    "favicon": (1, 1, 1, 1),
}


def make_full_projects(count: int) -> list[Project]:
    """Projects with some of everything that a page shows, alike but not related."""
    instrument, source = make_instrument(), make_source()
    made = []
    for number in range(count):
        project = make_project(
            title=f"Projekt {number}",
            co_owners=[make_district("Farsta")],
            themes=["Boende", "Samverkan"],
            interventions=["Boendestöd"],
            target_groups=["Unga"],
            service_areas=["Socialpsykiatri"],
            methods=["Motiverande samtal"],
            instruments=[instrument],
            source=source,
        )
        make_partner(project, make_organisation("RSMH"))
        make_partner(project, make_organisation("Attention"))
        make_measure(project, ("2015", 50, 4), ("2016", 60, 4))
        make_measure(project, ("2015", 50, 4))
        make_link(project)
        made.append(project)
    return made


def make_full_items(count: int, project: Project) -> list[Item]:
    """Items with some of everything that a page shows, reported by a project."""
    instrument = Instrument.objects.first() or make_instrument()
    made = []
    for number in range(count):
        item = make_item(
            title=f"Rapport {number}",
            themes=["Boende", "Samverkan"],
            readers=["Personal", "Chefer"],
            knowledge_sources=["Forskning"],
            service_areas=["Socialpsykiatri"],
            methods=["Motiverande samtal"],
            instruments=[instrument],
            authors="Öberg, Åsa",
            source=make_source("Underlag", 2010 + number),
        )
        make_file(item)
        project.reports.add(item)
        made.append(item)
    return made


def publish_something() -> None:
    make_project(title="Något annat", themes=["Boende"])


@pytest.fixture(params=[1, 3])
def known(request) -> dict[str, str]:
    """Every address, in a portal with so many projects."""
    projects = make_full_projects(request.param)
    make_full_items(request.param, projects[0])
    document: Document = make_document(projects[-1])
    found = addresses(document)
    indexing.index()
    found["inventory:compare"] += "?" + "&".join(f"id={row.public_id}" for row in projects)
    return found


def queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        body(browser.get(address))
    return len(asked)


def test_queries_of_every_address(known, unlimited):
    anonymous, member = Client(), Client()
    member.force_login(make_user())
    counted = {}
    for name, address in known.items():
        forget_everything()
        first = queries(anonymous, address)
        publish_something()
        cold, repeated = queries(anonymous, address), queries(anonymous, address)
        queries(member, address)
        counted[name] = (first, cold, repeated, queries(member, address))
    # What an idea is like is asked of the words that are rare, which are fewer among many.
    first, *rest = counted["inventory:idea"]
    assert first <= 27
    assert counted | {"inventory:idea": (27, *rest)} == QUERIES


@pytest.mark.parametrize(("name", "most"), [("inventory:list", 8), ("inventory:project", 14)])
def test_a_cold_page_asks_no_more_than_was_promised(name, most, django_assert_max_num_queries):
    """All that a page can show is there, and it and something else were just written."""
    first, second, third = make_full_projects(3)
    second.inspired_by.add(first)
    third.inspired_by.add(second)
    address = addresses(make_document(second))[name]
    client = Client()
    client.get(address)

    publish_something()
    actions.record_change(project=second, by=None, changes={})
    with django_assert_max_num_queries(most):
        client.get(address)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "most"), [("library:items", 8), ("library:item", 14)])
def test_a_cold_page_of_the_library_asks_no_more_than_was_promised(
    name, most, count, django_assert_max_num_queries, django_assert_num_queries
):
    """The item, and something else, were just written; nothing was published after that."""
    items = make_full_items(count, make_project(title="Projektet"))
    indexing.index()
    address = {
        "library:items": "/bibliotek/",
        "library:item": items[0].get_absolute_url(),
    }[name]
    client = Client()
    client.get(address)

    publish_something()
    library_actions.record_change(item=items[0], by=None, changes={})
    with django_assert_max_num_queries(most):
        client.get(address)
    with django_assert_num_queries(1):
        client.get(address)


@pytest.mark.parametrize(
    ("query", "most"),
    [("?q=boende", 13), ("?tema=boende&stadsdel=bromma", 8), ("?fran=2010&sida=1", 8)],
)
def test_a_filtered_cold_list_asks_no_more_than_was_promised(
    query, most, django_assert_max_num_queries
):
    make_full_projects(3)
    indexing.index()
    client = Client()
    client.get(f"/inventering/{query}")

    publish_something()
    with django_assert_max_num_queries(most):
        client.get(f"/inventering/{query}")
