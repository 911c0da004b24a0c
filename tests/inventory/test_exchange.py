"""Files of the selection: the same projects in the same order as the list."""

import json
import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory import exchange
from inventory.models import Project
from tests.factories import (
    ended_fields,
    make_district,
    make_instrument,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_source,
)
from tests.reading import body, csv_rows, json_rows, titles, xlsx_rows

pytestmark = pytest.mark.django_db

FORMS = {"csv": csv_rows, "xlsx": xlsx_rows, "json": json_rows}


def make_complete() -> Project:
    """A project with something in each column."""
    project = make_project(
        title="Stöd; ”kväll” & natt",
        lead=make_district("Bromma"),
        co_owners=[make_district("Farsta"), make_district("Skarpnäck")],
        service_areas=["Socialpsykiatri"],
        themes=["Boende", "Unga"],
        interventions=["Boendestöd"],
        target_groups=["Unga vuxna"],
        methods=["Motiverande samtal"],
        instruments=[make_instrument("Kasam")],
        source=make_source("Tjänsteutlåtande", 2016),
        source_section="Avsnitt 2",
        cost_total=750_000,
        funding="Utvecklingsmedel",
        contact_phone="08-508 00 000",
        contact_email="enheten@example.org",
        last_confirmed_at="2026-05-02",
        **ended_fields() | {"start_date": "2014-09", "activities": "**Så** gör de.\n\n- ett & två"},
    )
    make_partner(project, make_organisation("RSMH"))
    make_measure(project, ("2014", 50, None), ("2015-09", 62.5, 20))
    return project


ROW = {
    "typ": "Projekt",
    "namn": "Stöd; ”kväll” & natt",
    "kort_pa_latt_svenska": "Boendestödet kommer också på kvällen.",
    "lage": "Avslutades",
    "start": "2014-09",
    "slut": "2015",
    "ansvarig": "Bromma",
    "ovriga_agare": "Farsta; Skarpnäck",
    "medverkande": "RSMH (Övrig)",
    "verksamhetsomraden": "Socialpsykiatri",
    "teman": "Boende; Unga",
    "insatser": "Boendestöd",
    "malgrupper": "Unga vuxna",
    "metoder": "Motiverande samtal",
    "instrument": "Kasam",
    "behov": "Många är ensamma på kvällen.",
    "vad_gors": "Så gör de. ett & två",
    "medverkan": "Samråd",
    "uppfoljning": "Egen uppföljning",
    "resultat": "Fler klarade kvällarna.",
    "vad_fungerade_inte": "Schemat.",
    "rad_till_nasta": "Börja med schemat.",
    "matt": "Andel som mår bättre: 2014: 50 procent, 2015-09: 62.5 procent (n = 20)",
    "finansiering": "Utvecklingsmedel",
    "kontakt": "Enheten för socialpsykiatri",
    "senast_bekraftad": "2026-05-02",
    "kalla": "Tjänsteutlåtande (2016)",
    "avsnitt_i_kallan": "Avsnitt 2",
}


def test_csv_has_every_column_as_text(client):
    project = make_complete()
    numbers = {"lopnummer": str(project.public_id), "antal_nadda": "40", "kostnad_kronor": "750000"}
    assert csv_rows(client.get("/inventering/export.csv")) == [ROW | numbers | {"exempel": ""}]


def test_excel_has_every_column_with_numbers_as_numbers(client):
    project = make_complete()
    (row,) = xlsx_rows(client.get("/inventering/export.xlsx"))
    assert row == ROW | {
        "lopnummer": project.public_id,
        "antal_nadda": 40,
        "kostnad_kronor": 750_000,
        "exempel": None,
    }


def test_the_columns_are_in_the_promised_order(client):
    make_project()
    head = body(client.get("/inventering/export.csv")).decode("utf-8-sig").splitlines()[0]
    assert head.split(";") == list(exchange.COLUMNS)


def test_json_tells_the_project_in_the_words_of_schema_org(client):
    project = make_complete()
    content = body(client.get("/inventering/export.json?tema=boende"))
    address = f"http://testserver{project.get_absolute_url()}"
    assert json.loads(content) == {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": "KSI:s inventering",
        "url": "http://testserver/inventering/?tema=boende",
        "numberOfItems": 1,
        "itemListElement": [
            {
                "@type": "Project",
                "@id": address,
                "identifier": project.public_id,
                "name": "Stöd; ”kväll” & natt",
                "description": "Boendestödet kommer också på kvällen.",
                "foundingDate": "2014-09",
                "dissolutionDate": "2015",
                "parentOrganization": [
                    {"@type": "Organization", "name": name}
                    for name in ("Bromma", "Farsta", "Skarpnäck")
                ],
                "member": [{"@type": "Organization", "name": "RSMH"}],
                "knowsAbout": ["Boende", "Unga", "Boendestöd"],
                "funding": "Utvecklingsmedel",
                "additionalProperty": [
                    {
                        "@type": "PropertyValue",
                        "name": "Andel som mår bättre",
                        "unitText": "procent",
                        "value": value,
                        "observationDate": date,
                    }
                    for value, date in ((50.0, "2014"), (62.5, "2015-09"))
                ],
                "citation": "Tjänsteutlåtande (2016)",
            }
        ],
    }
    assert "”kväll”".encode() in content


def test_json_leaves_out_what_is_unknown(client):
    make_project(source=make_source(), plain_summary="", start_date="", lead=make_district())
    (item,) = json_rows(client.get("/inventering/export.json"))
    assert set(item) == {
        *("@type", "@id", "identifier", "name", "parentOrganization", "citation"),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "query", ["", "?sortera=namn", "?tema=boende", "?tema=boende&sortera=start", "?q=b", "?q=ingen"]
)
def test_a_file_holds_the_lists_projects_in_its_order(client, form, query):
    for title, start, theme in [
        ("B", "2015", "Boende"),
        ("Ö", "2013", "Unga"),
        ("Å", "2014", "Boende"),
    ]:
        make_project(title=title, start_date=start, themes=[theme])
    name = "name" if form == "json" else "namn"

    rows = FORMS[form](client.get(f"/inventering/export.{form}{query}"))

    assert [row[name] for row in rows] == titles(client, query)


def test_a_file_holds_all_pages_of_the_list(client, monkeypatch):
    monkeypatch.setattr("inventory.views.PER_PAGE", 1)
    for _ in range(3):
        make_project()
    assert len(csv_rows(client.get("/inventering/export.csv?sida=2"))) == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_selection_that_is_not_understood_gives_no_file_but_a_way_back(client, form):
    response = client.get(f"/inventering/export.{form}?tema=okant&q=stöd")
    assert response.status_code == 400
    markup = response.content.decode()
    assert 'href="/inventering/?tema=okant&amp;q=st%C3%B6d">Öppna listan med samma val' in markup


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_named_after_its_day(client, form):
    with time_machine.travel("2026-03-01T23:30Z", tick=False):
        response = client.get(f"/inventering/export.{form}")
    body(response)
    assert response["Content-Disposition"] == (
        f'attachment; filename="ksi-inventering-2026-03-02.{form}"'
    )
    assert response["Cache-Control"] == "no-store"


def test_what_looks_like_a_formula_is_text_in_every_file(client):
    make_project(title="=HYPERLINK(1)", plain_summary="+46", contact_function="@SUM(1)", need="-1")
    wanted = ("namn", "kort_pa_latt_svenska", "kontakt", "behov")
    (row,) = csv_rows(client.get("/inventering/export.csv"))
    assert [row[name] for name in wanted] == ["'=HYPERLINK(1)", "'+46", "'@SUM(1)", "'-1"]
    (row,) = xlsx_rows(client.get("/inventering/export.xlsx"))
    assert [row[name] for name in wanted] == ["=HYPERLINK(1)", "+46", "@SUM(1)", "-1"]


# --- Size ---------------------------------------------------------------------------------------


def test_more_rows_than_excel_takes_at_once_are_a_clear_message(client, monkeypatch):
    monkeypatch.setattr("search.export_views.MOST_XLSX_ROWS", 1)
    for _ in range(2):
        make_project(themes=["Boende"])

    response = client.get("/inventering/export.xlsx?tema=boende")

    assert response.status_code == 422
    markup = response.content.decode()
    assert "Urvalet har 2 rader. Högst 1 kan hämtas direkt som Excel-fil." in markup
    order = '<a class="btn" href="/inventering/export/bestall/?tema=boende">'
    assert f"{order}Beställ hela Excel-filen</a>" in markup
    assert '<a href="/inventering/?tema=boende">begränsa urvalet</a>' in markup
    assert len(csv_rows(client.get("/inventering/export.csv?tema=boende"))) == 2


def test_as_many_rows_as_excel_takes_at_once_are_a_file(client, monkeypatch):
    monkeypatch.setattr("search.export_views.MOST_XLSX_ROWS", 2)
    for _ in range(2):
        make_project()
    assert len(xlsx_rows(client.get("/inventering/export.xlsx"))) == 2


@pytest.mark.parametrize("form", FORMS)
def test_each_batch_of_rows_costs_the_same_number_of_queries(client, monkeypatch, unlimited, form):
    monkeypatch.setattr(exchange, "BATCH", 2)
    source, instrument = make_source(), make_instrument()

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            body(client.get(f"/inventering/export.{form}"))
        return len(asked)

    costs = []
    for _ in range(3):
        for _ in range(2):
            project = make_project(
                source=source,
                instruments=[instrument],
                co_owners=[make_district("Farsta")],
                themes=["Boende"],
                interventions=["Boendestöd"],
                target_groups=["Unga"],
                service_areas=["Socialpsykiatri"],
                methods=["Motiverande samtal"],
            )
            make_partner(project, make_organisation("RSMH"))
            make_measure(project, ("2015", 50, 4))
        queries()
        costs.append(queries())

    # The edition; then the projects and what belongs to them, per batch.
    assert costs == [1 + 16, 1 + 2 * 16, 1 + 3 * 16]


def test_rows_are_read_as_they_are_sent(client, monkeypatch):
    monkeypatch.setattr(exchange, "BATCH", 1)
    for _ in range(3):
        make_project()
    client.get("/inventering/")

    response = client.get("/inventering/export.csv")
    lines = iter(response)
    next(lines)
    with CaptureQueriesContext(connection) as first:
        next(lines)
    with CaptureQueriesContext(connection) as second:
        next(lines)
    for _ in lines:
        pass

    assert (len(first) > 0, len(second)) == (True, len(first))


# --- Limits -------------------------------------------------------------------------------------


@pytest.fixture
def noon():
    with time_machine.travel("2026-03-01T12:00:18Z", tick=False):
        yield


def test_a_visitor_may_fetch_twenty_files_a_minute(client, noon):
    statuses = []
    for number in range(22):
        response = client.get(f"/inventering/export.{list(FORMS)[number % 3]}")
        statuses.append(response.status_code)
        content = body(response)
    assert statuses == [200] * 20 + [429] * 2
    assert response["Retry-After"] == "42"
    assert "Vänta 42 sekunder och försök igen." in content.decode()


def test_another_visitor_is_not_held_up(client, noon):
    for _ in range(21):
        body(client.get("/inventering/export.csv"))
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert other.get("/inventering/export.csv").status_code == 200


def test_made_up_addresses_do_not_get_round_the_limit(client, noon):
    statuses = set()
    for number in range(21):
        response = client.get(
            "/inventering/export.csv", headers={"x-forwarded-for": f"198.51.100.{number}"}
        )
        body(response)
        statuses.add(response.status_code)
    assert statuses == {200, 429}


def test_a_refused_selection_is_not_counted(client, noon):
    for _ in range(21):
        client.get("/inventering/export.csv?tema=okant")
    response = client.get("/inventering/export.csv")
    body(response)
    assert response.status_code == 200


def test_every_column_is_documented():
    told = (Path(settings.BASE_DIR) / "docs" / "addresses.md").read_text(encoding="utf-8")
    columns = told.split("## Columns")[1]
    documented = {
        name
        for line in columns.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert documented == set(exchange.COLUMNS)
