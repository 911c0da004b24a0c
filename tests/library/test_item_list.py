"""The library's list: what it shows, how it is narrowed and ordered, its files and its feed."""

import datetime
import html
import json
import re
import xml.etree.ElementTree as ElementTree

import bibtexparser
import pytest
import rispy
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core.tasks import TaskWorker
from library import actions
from library.models import Item
from search import indexing
from search.models import EntryFacet
from tests.factories import make_curator, make_organisation
from tests.library_factories import make_item
from tests.reading import body, csv_rows, json_rows, page, text_of, xlsx_rows

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def titles(client: Client, query: str = "") -> list[str]:
    rows = re.findall(
        r'<li class="row">.*?<h3><a href="[^"]*">(.*?)</a></h3>',
        page(client, f"/bibliotek/{query}"),
        re.S,
    )
    return [html.unescape(row) for row in rows]


def counts(client: Client, facet: str, query: str = "") -> dict[str, int]:
    """Value → count in the panel."""
    found = re.findall(
        rf'name="{facet}" value="([^"]*)"[^>]*> <span>[^<]*</span> <span class="n">(\d+)',
        page(client, f"/bibliotek/{query}"),
    )
    return {value: int(count) for value, count in found}


def moment(day: int) -> datetime.datetime:
    return datetime.datetime(2026, 1, day, tzinfo=datetime.UTC)


@pytest.fixture
def three() -> list[Item]:
    """A new report, an old story in English, and a withdrawn book without a year."""
    report = make_item(
        title="Återhämtning i boendet",
        kind=Item.Kind.EVALUATION,
        year=timezone.localdate().year,
        themes=["Boende"],
        readers=["Personal"],
        knowledge_sources=["Forskning"],
        methods=["Motiverande samtal"],
        service_areas=["Socialpsykiatri"],
        published_at=moment(1),
    )
    story = make_item(
        title="Zebra",
        kind=Item.Kind.STORY,
        year=2001,
        language="en",
        themes=["Boende", "Arbete"],
        readers=["Brukare"],
        knowledge_sources=["Brukare och anhöriga"],
        publisher=make_organisation("RSMH"),
        published_at=moment(3),
    )
    book = make_item(title="Äpplet", kind=Item.Kind.BOOK, year=1970, published_at=moment(2))
    actions.withdraw(item=book, reason="Föråldrad.", by=make_curator())
    indexing.index()
    return [report, story, book]


def test_an_empty_library_invites(client):
    text = text_of(page(client, "/bibliotek/"))
    assert "Biblioteket är tomt än." in text
    assert "Känner du till något som borde finnas här?" in text


def test_a_choice_that_gives_nothing_has_ways_on(client, three):
    text = text_of(page(client, "/bibliotek/?tema=arbete&sprak=sv"))
    assert "Inga träffar" in text
    assert "Ta bort ”Svenska”" in text
    assert "Visa hela biblioteket" in text


def test_a_row_says_what_one_needs_to_choose(client, three):
    (row,) = re.findall(
        r'<li class="row">.*?</li>\s*</ol>', page(client, "/bibliotek/?sprak=en"), re.S
    )
    assert text_of(row).startswith("Erfarenhetsberättelse · 2001 · på engelska Zebra Boendestödet")
    assert "Utgivare RSMH" in text_of(row)
    assert "Kunskap från Brukare och anhöriga" in text_of(row)


def test_what_is_withdrawn_stays_and_is_marked(client, three):
    markup = page(client, "/bibliotek/?aktualitet=tillbakadragen")
    assert 'class="badge tillbakadragen">Tillbakadragen</span>' in markup
    assert titles(client, "?aktualitet=tillbakadragen") == ["Äpplet"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Zebra", "Äpplet", "Återhämtning i boendet"]),
        ("?sortera=namn", ["Zebra", "Återhämtning i boendet", "Äpplet"]),
        ("?sortera=ar", ["Återhämtning i boendet", "Zebra", "Äpplet"]),
        ("?publikation=erfarenhet&publikation=bok", ["Zebra", "Äpplet"]),
        ("?kunskapskalla=forskning", ["Återhämtning i boendet"]),
        ("?tema=boende", ["Zebra", "Återhämtning i boendet"]),
        ("?lasare=brukare", ["Zebra"]),
        ("?omrade=socialpsykiatri", ["Återhämtning i boendet"]),
        ("?metod=motiverande-samtal", ["Återhämtning i boendet"]),
        ("?utgivare=rsmh", ["Zebra"]),
        ("?aktualitet=aldre", ["Zebra"]),
        ("?aktualitet=nyare", ["Återhämtning i boendet"]),
        ("?fran=1960&till=2001", ["Zebra", "Äpplet"]),
        ("?q=zebra", ["Zebra"]),
        ("?q=boendestödet&sortera=namn", ["Zebra", "Återhämtning i boendet", "Äpplet"]),
    ],
)
def test_the_list_is_narrowed_and_ordered(client, three, query, expected):
    assert titles(client, query) == expected


def test_facets_are_counted_without_their_own_choice(client, three):
    assert counts(client, "publikation", "?tema=boende&publikation=erfarenhet") == {
        "utvardering": 1,
        "erfarenhet": 1,
    }
    assert counts(client, "lasare", "?publikation=erfarenhet") == {"brukare": 1}


def test_words_that_are_common_may_be_ordered_by_how_well_they_answer(client, three):
    assert 'value="relevans" selected' in page(client, "/bibliotek/?q=boendet")
    assert 'value="relevans"' not in page(client, "/bibliotek/")


@pytest.mark.parametrize("query", ["?tema=okant", "?sortera=start", "?fran=abc", "?q=" + "a" * 201])
def test_what_is_not_understood_is_told_beside_the_rest(client, three, query):
    response = client.get(f"/bibliotek/{query}")
    assert response.status_code == 400
    assert "Vi förstod inte hela urvalet" in response.content.decode()


def test_a_page_that_is_none_is_a_404(client, three):
    assert client.get("/bibliotek/?sida=2").status_code == 404


# --- Files --------------------------------------------------------------------------------------


def test_the_selection_as_tables(client, three):
    story = three[1]
    (row,) = csv_rows(client.get("/bibliotek/export.csv?sprak=en"))
    assert {name: row[name] for name in ("nummer", "typ", "titel", "ar", "teman", "utgivare")} == {
        "nummer": str(story.pk),
        "typ": "Erfarenhetsberättelse",
        "titel": "Zebra",
        "ar": "2001",
        "teman": "Arbete; Boende",
        "utgivare": "RSMH",
    }
    assert [row["titel"] for row in xlsx_rows(client.get("/bibliotek/export.xlsx?sortera=ar"))] == [
        *("Återhämtning i boendet", "Zebra", "Äpplet"),
    ]
    (found,) = json_rows(client.get("/bibliotek/export.json?sprak=en"))
    assert (found["@type"], found["name"], found["datePublished"]) == (
        *("CreativeWork", "Zebra"),
        "2001",
    )


def test_the_selection_as_references(client, three):
    story = three[1]
    ris = body(client.get("/bibliotek/export.ris?sprak=en"))
    assert [read["title"] for read in rispy.loads(ris.decode())] == ["Zebra"]
    bib = body(client.get("/bibliotek/export.bib"))
    assert [entry.key for entry in bibtexparser.parse_string(bib.decode()).entries] == [
        f"ksi{item.pk}" for item in (story, three[2], three[0])
    ]
    response = client.get("/bibliotek/export.csl.json?sprak=en")
    assert response["Content-Type"] == "application/vnd.citationstyles.csl+json; charset=utf-8"
    (read,) = json.loads(body(response))
    assert read["URL"] == f"http://testserver{story.get_absolute_url()}"


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "ris", "bib", "csl.json"])
def test_a_file_is_limited_streamed_and_kept_by_nobody(client, three, form, monkeypatch):
    response = client.get(f"/bibliotek/export.{form}")
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert (response.streaming, response["Cache-Control"], response["Content-Disposition"]) == (
        *(True, "no-store"),
        f'attachment; filename="ksi-bibliotek-{day}.{form}"',
    )
    body(response)
    assert client.get(f"/bibliotek/export.{form}?tema=okant").status_code == 400
    monkeypatch.setattr("core.visitors.Limit.wait", lambda self, key: 9)
    assert client.get(f"/bibliotek/export.{form}").status_code == 429


def test_a_cell_is_no_formula(client):
    make_item(title="=1+1")
    assert csv_rows(client.get("/bibliotek/export.csv"))[0]["titel"] == "'=1+1"


@pytest.mark.parametrize("form", ["csv", "json", "ris", "bib", "csl.json"])
def test_each_batch_costs_the_same_number_of_queries(client, monkeypatch, form):
    monkeypatch.setattr("library.exchange.BATCH", 1)
    asked = []
    for count in (1, 2, 3):
        make_item(title=f"Nr {count}", themes=["Boende"])
        with CaptureQueriesContext(connection) as found:
            body(client.get(f"/bibliotek/export.{form}"))
        asked.append(len(found))
    assert asked[2] - asked[1] == asked[1] - asked[0]


def test_a_large_excel_file_is_ordered_and_fetched(client, three, monkeypatch):
    monkeypatch.setattr("search.export_views.MOST_XLSX_ROWS", 1)
    refused = client.get("/bibliotek/export.xlsx?tema=boende")
    assert refused.status_code == 422
    assert 'href="/bibliotek/export/bestall/?tema=boende"' in refused.content.decode()
    ordered = client.post("/bibliotek/export/bestall/?tema=boende")
    address = ordered["Location"].partition("?")[0]
    assert "Filen står i kö." in page(client, address)
    worker = TaskWorker()
    while worker.step():
        pass
    assert "Excel-filen är klar" in page(client, address)
    rows = xlsx_rows(client.get(f"{address}fil/"))
    assert [row["titel"] for row in rows] == ["Zebra", "Återhämtning i boendet"]
    assert client.get(address.replace("/bibliotek/", "/inventering/")).status_code == 404
    assert DBTaskResult.objects.filter(task_path="library.tasks.write_excel").count() == 1

    actions.take_back(item=three[1], by=None)
    assert client.get(f"{address}fil/").status_code == 404
    assert "Något i biblioteket kan ha tagits bort" in page(client, address)


# --- The feed -----------------------------------------------------------------------------------


def named(read: ElementTree.Element) -> list[str | None]:
    return [entry.findtext("a:title", namespaces=ATOM) for entry in read.iterfind("a:entry", ATOM)]


def feed(client: Client, query: str = "") -> ElementTree.Element:
    response = client.get(f"/bibliotek/flode.atom{query}")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def test_the_feed_tells_the_newest_of_the_selection(client, three):
    read = feed(client, "?tema=boende")
    assert read.findtext("a:title", namespaces=ATOM) == "KSI – Biblioteket: Boende"
    assert [
        entry.findtext("a:title", namespaces=ATOM) for entry in read.iterfind("a:entry", ATOM)
    ] == [
        *("Zebra", "Återhämtning i boendet"),
    ]
    entry = read.find("a:entry", ATOM)
    story = three[1]
    assert entry.findtext("a:id", namespaces=ATOM) == f"http://testserver/bibliotek/{story.pk}/"
    assert entry.find("a:link", ATOM).get("href") == f"http://testserver{story.get_absolute_url()}"
    assert entry.findtext("a:published", namespaces=ATOM) == "2026-01-03T00:00:00+00:00"


def test_the_list_says_where_its_feed_is(client, three):
    markup = page(client, "/bibliotek/?tema=boende")
    assert '<link rel="alternate" type="application/atom+xml" title="Biblioteket: Boende"' in markup
    assert 'href="/bibliotek/flode.atom?tema=boende"' in markup


def test_a_feed_of_nothing_is_a_feed(client):
    assert list(feed(client).iterfind("a:entry", ATOM)) == []


def test_a_feed_that_is_not_understood_says_so(client, three):
    assert client.get("/bibliotek/flode.atom?tema=okant").status_code == 400


def test_what_breaks_xml_breaks_no_feed(client):
    make_item(title="Del <1> & \x07 ]]> 😀")
    (title,) = [
        e.findtext("a:title", namespaces=ATOM) for e in feed(client).iterfind("a:entry", ATOM)
    ]
    assert title == "Del <1> &  ]]> 😀"


# --- Age ----------------------------------------------------------------------------------------


def test_what_grows_old_at_new_year_moves_between_the_facets(client):
    with time_machine.travel("2026-12-31T12:00:00+01:00", tick=False):
        make_item(title="Från 2021", year=2021)
        make_item(title="Från 2022", year=2022)
        assert actions.refresh_ages() == 0
        assert titles(client, "?aktualitet=nyare") == ["Från 2022", "Från 2021"]
    with time_machine.travel("2027-01-01T00:10:00+01:00", tick=False):
        assert actions.refresh_ages() == 1
        assert titles(client, "?aktualitet=nyare") == ["Från 2022"]
        assert titles(client, "?aktualitet=aldre") == ["Från 2021"]
        assert actions.refresh_ages() == 0
    assert EntryFacet.objects.filter(facet="aktualitet").count() == 2
