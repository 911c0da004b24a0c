"""One item on one page: for each kind, whatever its state, for people and for programs."""

import datetime
import json
import re

import bibtexparser
import pytest
import rispy
import time_machine
from django.test import Client

from core import uploads
from inventory.actions import record_change
from library import actions
from library.models import Item
from library.questions import QUESTIONS
from search import indexing
from tests.factories import (
    make_curator,
    make_instrument,
    make_project,
    make_source,
    make_user,
)
from tests.library_factories import make_file, make_item
from tests.reading import body, page, text_of

pytestmark = pytest.mark.django_db


def headings(markup: str) -> list[str]:
    return re.findall(r"<h[12][^>]*>(.*?)</h[12]>", markup.split("<main")[1].split("<footer")[0])


def metas(markup: str) -> list[tuple[str, str]]:
    return re.findall(r'<meta name="(citation_[a-z_]*)" content="([^"]*)">', markup)


@pytest.mark.parametrize("kind", Item.Kind.values)
def test_each_kind_is_told_in_the_same_order(client, kind):
    item = make_item(kind=kind, limitations="Få.", abstract="Kort.", full_text="Hela.")
    markup = page(client, item.get_absolute_url())
    practice = ["Så kom kunskapen till"] if kind in Item.FROM_PRACTICE else []
    assert headings(markup) == [
        *(item.title, "Kort på lätt svenska", "Det viktigaste", "Vad betyder det för oss?"),
        "Fakta",
        *practice,
        *("Begränsningar", "Sammanfattning", "Läs hela", "Källa och ålder", "Så refererar du"),
        "Stämmer det här hos er?",
    ]
    assert item.get_kind_display() in text_of(markup)


def test_how_knowledge_from_practice_came_about_is_asked_in_seven_questions(client):
    answers = {"syfte": "Vi ville veta\nvarför.", "okand": "Visas inte."}
    item = make_item(kind=Item.Kind.EXAMPLE, how_known=answers)
    text = text_of(page(client, item.get_absolute_url()))
    assert [question.asks for question in QUESTIONS if question.asks in text] == [
        question.asks for question in QUESTIONS
    ]
    assert "Varför gjordes det? Vi ville veta varför." in text
    assert text.count("Uppgift saknas") >= 6
    assert "Visas inte" not in text


def test_what_a_source_does_not_tell_is_said_to_be_missing_there(client):
    empty = dict.fromkeys(Item.REQUIRED, "") | {"year": None, "review_due": None}
    item = make_item(title="Ur en källa", source=make_source("Rapport", 2006), **empty)
    text = text_of(page(client, item.get_absolute_url()))
    assert "Kort på lätt svenska Framgår inte av källan" in text
    assert "Det viktigaste Framgår inte av källan" in text
    assert "Vi vet inte när den kom ut." in text
    assert "Uppgift saknas" not in text


@time_machine.travel("2026-06-01T12:00:00+02:00", tick=False)
@pytest.mark.parametrize(
    ("year", "told", "is_old"),
    [
        (2026, "Kom ut i år.", False),
        (2025, "Kom ut för ett år sedan, 2025.", False),
        (2021, "Kom ut för 5 år sedan, 2021.", False),
        (2020, "Kom ut för 6 år sedan, 2020.", True),
    ],
)
def test_age_is_told_in_words(client, year, told, is_old):
    text = text_of(page(client, make_item(year=year).get_absolute_url()))
    assert told in text
    assert ("Det här är 6 år gammalt." in text) is is_old


def test_age_follows_the_calendar_though_nothing_is_published(client):
    with time_machine.travel("2026-12-31T12:00:00+01:00", tick=False):
        item = make_item(year=2021, review_due=datetime.date(2026, 12, 31))
        before = text_of(page(client, item.get_absolute_url()))
    with time_machine.travel("2027-01-01T12:00:00+01:00", tick=False):
        after = text_of(page(client, item.get_absolute_url()))
    overdue = "De skulle ha lästs igenom igen senast 31 december 2026."
    assert ("år gammalt" in before, overdue in before) == (False, False)
    assert ("Det här är 6 år gammalt." in after, overdue in after) == (True, True)


def test_a_withdrawn_item_says_why_and_the_rest_stays(client):
    item = make_item(title="Den gamla")
    actions.withdraw(item=item, reason="Fel i tabell 3.", by=make_curator())
    response = client.get(item.get_absolute_url())
    markup = response.content.decode()
    assert response.status_code == 200
    assert headings(markup)[:3] == [
        "Den gamla",
        "Tillbakadragen: bygg inget nytt på den här",
        "Kort på lätt svenska",
    ]
    assert "Fel i tabell 3." in text_of(markup)


def test_what_its_teller_takes_back_is_gone(client):
    item = make_item(kind=Item.Kind.STORY, title="Min väg")
    address = item.get_absolute_url()
    assert client.get(address).status_code == 200
    actions.take_back(item=item, by=None)
    addresses = [address, f"/bibliotek/{item.pk}/", f"{address}referens.ris"]
    assert [client.get(each).status_code for each in addresses] == [410] * 3
    assert "Den som berättade har tagit tillbaka sin berättelse." in page(client, address)


def test_a_wrong_slug_and_the_short_address_lead_to_the_permalink(client):
    item = make_item()
    for address in (f"/bibliotek/{item.pk}/", f"/bibliotek/{item.pk}/fel/"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, item.get_absolute_url())
    response = client.get(f"/bibliotek/{item.pk}/fel/referens.bib")
    assert response["Location"] == f"{item.get_absolute_url()}referens.bib"
    assert client.get("/bibliotek/999999/x/").status_code == 404


# --- Files --------------------------------------------------------------------------------------


def test_a_file_says_what_it_is(client):
    item = make_item()
    report = make_file(item, "Hela rapporten", b"x" * 1_300_000, name="r.pdf", accessible="ja")
    report.pages = 34
    report.save()
    make_file(item, "Samtalet", b"x" * 2_100, name="s.mp3", transcript="Hej <du>.")
    markup = page(client, item.get_absolute_url())
    text = text_of(markup)
    assert "Hela rapporten (PDF, 34 sidor, 1,2 MB, går att läsa med skärmläsare)" in text
    assert "Samtalet (MP3-fil, 3 kB)" in text
    assert re.findall(r"<details><summary>Läs det som sägs</summary><p>(.*?)</p>", markup) == [
        "Hej &lt;du&gt;."
    ]


def test_a_file_that_comes_is_read_or_goes_changes_the_page(client):
    item = make_item()
    address = item.get_absolute_url()
    assert "Hela rapporten" not in page(client, address)

    file = make_file(item, name="r.pdf")
    actions.file_saved(file=file, new_file=True)
    assert "Hela rapporten (PDF, 1 kB" in text_of(page(client, address))

    actions.put_reading(file=file, read=uploads.Read(["Ett", "Två"], count=2))
    assert "Hela rapporten (PDF, 2 sidor, 1 kB" in text_of(page(client, address))

    actions.delete_file(file=file)
    assert "Hela rapporten" not in page(client, address)


def test_staff_alone_see_what_is_for_staff(client):
    item = make_item()
    hidden = make_file(item, "Intern bilaga", b"Hemligt.", visibility="personal")
    assert "Intern bilaga" not in page(client, item.get_absolute_url())
    assert client.get(hidden.get_absolute_url()).status_code == 404

    client.force_login(make_user())
    assert "Intern bilaga" in page(client, item.get_absolute_url())
    assert body(client.get(hidden.get_absolute_url())) == b"Hemligt."


def test_without_text_link_and_files_one_is_told_where_to_ask(client):
    text = text_of(page(client, make_item().get_absolute_url()))
    assert "Hela texten finns inte här. Fråga Socialstyrelsen eller ett bibliotek." in text


# --- Related ------------------------------------------------------------------------------------


def test_methods_instruments_and_projects_are_linked_both_ways(client):
    item = make_item(title="Rapporten", methods=["Motiverande samtal"], instruments=[])
    item.instruments.add(make_instrument("Kasam"))
    project = make_project(title="Kvällsstödet")
    project.reports.add(item)
    record_change(project=project, by=None, changes={})
    actions.record_change(item=item, by=None, changes={})
    markup = page(client, item.get_absolute_url())
    for address in (
        "/metoder/motiverande-samtal/",
        "/instrument/kasam/",
        project.get_absolute_url(),
    ):
        assert f'href="{address}"' in markup
    assert f'<a href="{item.get_absolute_url()}">Rapporten</a>' in page(
        client, project.get_absolute_url()
    )


def test_a_source_that_is_in_the_library_leads_to_what_was_written_from_it(client):
    source = make_source("Slutrapport", 2006)
    project = make_project(title="Ur rapporten", source=source)
    item = make_item(title="Slutrapport", is_source=source)
    assert f'href="{project.get_absolute_url()}"' in page(client, item.get_absolute_url())


def test_what_is_like_it_stands_last(client):
    first = make_item(title="Boendestöd på kvällen", themes=["Boende"], readers=["Personal"])
    second = make_item(title="Boendestöd på natten", themes=["Boende"], readers=["Personal"])
    indexing.index()
    markup = page(client, first.get_absolute_url())
    assert headings(markup)[-1] == "Liknande"
    assert f'href="{second.get_absolute_url()}"' in markup


def test_staff_tools_lead_to_the_history(client):
    item = make_item()
    assert "Historik" not in page(client, item.get_absolute_url())
    curator = Client()
    curator.force_login(make_curator())
    assert ">Historik</a>" in page(curator, item.get_absolute_url())


# --- For programs -------------------------------------------------------------------------------


def test_reference_managers_are_told_in_the_head(client):
    item = make_item(
        kind=Item.Kind.RESEARCH,
        title='Stöd "kväll" & natt',
        authors="Öberg, Åsa\nBerg, Bo",
        corporate_authors="FoU-enheten",
        isbn="9789175550014",
        issn="1234-5679",
        doi="10.1000/abc",
        number="2015:3",
        year=2015,
    )
    pdf = make_file(item, name="r.pdf")
    actions.record_change(item=item, by=None, changes={})
    markup = page(client, item.get_absolute_url())
    assert metas(markup) == [
        ("citation_title", "Stöd &quot;kväll&quot; &amp; natt"),
        ("citation_author", "Öberg, Åsa"),
        ("citation_author", "Berg, Bo"),
        ("citation_author", "FoU-enheten"),
        ("citation_publication_date", "2015"),
        ("citation_language", "sv"),
        ("citation_publisher", "Socialstyrelsen"),
        ("citation_technical_report_institution", "Socialstyrelsen"),
        ("citation_technical_report_number", "2015:3"),
        ("citation_isbn", "9789175550014"),
        ("citation_issn", "1234-5679"),
        ("citation_doi", "10.1000/abc"),
        ("citation_abstract_html_url", f"http://testserver{item.get_absolute_url()}"),
        ("citation_pdf_url", f"http://testserver{pdf.get_absolute_url()}"),
    ]


def test_a_pdf_for_staff_is_told_to_no_program(client):
    item = make_item()
    make_file(item, name="r.pdf", visibility="personal")
    client.force_login(make_user())
    assert "citation_pdf_url" not in page(client, item.get_absolute_url())


@pytest.mark.parametrize(
    ("kind", "schema"),
    [("forskningsrapport", "ScholarlyArticle"), ("utvardering", "Report"), ("bok", "Book")],
)
def test_search_engines_are_told_as_linked_data(client, kind, schema):
    item = make_item(kind=kind, authors="Öberg, Åsa", title="</script><b>")
    markup = page(client, item.get_absolute_url())
    (told,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', markup)
    read = json.loads(told)
    assert (read["@type"], read["name"], read["author"]) == (
        schema,
        "</script><b>",
        [{"@type": "Person", "familyName": "Öberg", "givenName": "Åsa"}],
    )
    assert read["@id"] == read["url"] == f"http://testserver{item.get_absolute_url()}"


def test_programs_are_told_what_to_cite_and_where_it_is_described(client):
    item = make_item(doi="10.1000/å b")
    link = client.get(item.get_absolute_url())["Link"]
    assert link.startswith('<https://doi.org/10.1000/%C3%A5%20b>; rel="cite-as", ')
    described = re.findall(r'<([^>]*)>; rel="describedby"; type="([^"]*)"', link)
    assert [kind for _, kind in described] == [
        *("application/x-research-info-systems", "application/x-bibtex"),
        "application/vnd.citationstyles.csl+json",
    ]
    for address, kind in described:
        assert client.get(address)["Content-Type"] == f"{kind}; charset=utf-8"


def test_the_references_of_a_page_are_read_by_others(client):
    item = make_item(title="Rapporten", authors="Öberg, Åsa")
    address = item.get_absolute_url()
    (ris,) = rispy.loads(page(client, f"{address}referens.ris"))
    (bib,) = bibtexparser.parse_string(page(client, f"{address}referens.bib")).entries
    (csl,) = json.loads(page(client, f"{address}referens.json"))
    assert (ris["authors"], bib["author"], csl["author"]) == (
        ["Öberg, Åsa"],
        "Öberg, Åsa",
        [{"family": "Öberg", "given": "Åsa"}],
    )
    assert ris["urls"] == [f"http://testserver{address}"]
    assert (
        client.get(f"{address}referens.bib")["Content-Disposition"]
        == f'attachment; filename="ksi-{item.pk}.bib"'
    )
