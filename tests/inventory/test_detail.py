"""One project on its page, on its sheet and with its files."""

import datetime
import importlib.abc
import io
import json
import re
import sys

import pypdfium2
import pypdfium2.raw
import pytest
from django.test import Client

from inventory import actions
from inventory.models import Project
from search import indexing
from tests.factories import (
    ended_fields,
    make_curator,
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
from tests.reading import body, page, pdf_text, text_of

pytestmark = pytest.mark.django_db


def shown(client: Client, project: Project) -> str:
    """The page's text."""
    return text_of(page(client, project.get_absolute_url()))


def facts(client: Client, project: Project) -> dict[str, str]:
    """Term → text of the page's lists of facts."""
    markup = page(client, project.get_absolute_url())
    found = re.findall(r"<div><dt>(.*?)</dt>(.*?)</div>", markup, re.S)
    return {text_of(term): text_of(value) for term, value in found}


# --- Addresses ----------------------------------------------------------------------------------


def test_a_project_is_at_its_number_and_name(client):
    project = make_project(title="Stöd på Åsö: ”kväll” & natt!")
    address = f"/inventering/{project.public_id}/stod-pa-aso-kvall-natt/"
    assert project.get_absolute_url() == address
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "wrong", ["", "fel/", "STOD/", "%C3%A5%C3%A4%C3%B6/", "a b/", "%0a/", "%ff/"]
)
@pytest.mark.parametrize("signed", [False, True])
def test_a_wrong_name_leads_to_the_right_one_for_good(client, wrong, signed):
    project = make_project(title="Stöd")
    if signed:
        client.force_login(make_user())
    response = client.get(f"/inventering/{project.public_id}/{wrong}")
    assert (response.status_code, response["Location"]) == (301, project.get_absolute_url())


def test_a_wrong_name_of_a_sheet_leads_to_the_right_sheet(client):
    project = make_project(title="Stöd")
    response = client.get(f"/inventering/{project.public_id}/fel/faktablad.pdf")
    assert (response.status_code, response["Location"]) == (
        301,
        f"{project.get_absolute_url()}faktablad.pdf",
    )


def test_a_title_without_letters_has_an_address_as_well(client):
    project = make_project(title="!!!")
    assert project.get_absolute_url().endswith("/projekt/")
    assert client.get(project.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("number", ["0", "01", "4711", "-1", "1e3", "9999999999", "9" * 300, "abc"])
def test_a_number_that_nothing_has_is_a_helpful_404(client, number):
    make_project()
    for rest in ("", "x/", "x/faktablad.pdf", "filer/1/"):
        response = client.get(f"/inventering/{number}/{rest}")
        assert response.status_code == 404
        assert "<h1>Sidan finns inte här</h1>" in body(response).decode()


def test_a_withdrawn_project_tells_why_at_each_of_its_addresses(client):
    project = make_project()
    actions.withdraw(project=project, reason="Enheten har bett om det.", by=make_curator())
    address = project.get_absolute_url()
    for withdrawn in (address, f"/inventering/{project.public_id}/", f"{address}faktablad.pdf"):
        response = client.get(withdrawn)
        assert response.status_code == 410
        assert "Skäl: Enheten har bett om det." in response.content.decode()


def test_a_withdrawn_project_that_is_restored_is_back(client):
    project, curator = make_project(), make_curator()
    actions.withdraw(project=project, reason="Misstag.", by=curator)
    actions.restore(project=project, by=curator)
    assert client.get(project.get_absolute_url()).status_code == 200


# --- What the page tells ------------------------------------------------------------------------


def test_the_plain_summary_comes_first(client):
    markup = page(client, make_project(plain_summary="Lätt att läsa.").get_absolute_url())
    headings = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", markup.split("<main")[1])
    assert headings[:2] == ["Kvällsöppet boendestöd", "Kort på lätt svenska"]


def test_the_facts_stand_with_their_names(client):
    project = make_project(
        lead=make_district("Bromma"),
        co_owners=[make_district("Farsta")],
        themes=["Boende"],
        interventions=["Boendestöd"],
        target_groups=["Unga"],
        service_areas=["Socialpsykiatri"],
        methods=["Motiverande samtal"],
        instruments=[make_instrument("Kasam")],
        start_date="2014-09",
        reach_planned=50,
        cost_total=750_000,
        running_cost=1_200_000,
        funding="Utvecklingsmedel",
        reference_number="1.2-34/2014",
        research_link="Stockholms universitet",
        staff_roles="Boendestödjare",
        setting="Hemma",
        dose="Varje kväll",
        adaptations="Kortare pass",
    )
    make_partner(project, make_organisation("RSMH"))

    told = facts(client, project)

    assert told == {
        "Ansvarig": "Bromma Farsta",
        "Period": "Från september 2014",
        "Verksamhetsområde": "Socialpsykiatri",
        "Tema": "Boende",
        "Insats": "Boendestöd",
        "Målgrupp": "Unga",
        "Metod": "Motiverande samtal",
        "Instrument": "Kasam",
        "Medverkande": "RSMH",
        "Brukares och anhörigas medverkan": "Samråd",
        "Antal nådda": "50 planerade",
        "Uppföljning": "Egen uppföljning",
        "Forskningsanknytning": "Stockholms universitet",
        "Utförare": "Boendestödjare",
        "Plats": "Hemma",
        "Omfattning": "Varje kväll",
        "Anpassningar": "Kortare pass",
        "Kostnad": "750 000 kronor",
        "Årlig drift": "1 200 000 kronor",
        "Finansiering": "Utvecklingsmedel",
        "Diarienummer": "1.2-34/2014",
        "Funktion": "Enheten för socialpsykiatri",
    }


def test_what_a_source_does_not_tell_is_said_to_be_missing_and_not_made_up(client):
    project = make_project(
        source=make_source(),
        **dict.fromkeys(
            (
                *("plain_summary", "contact_function", "status", "start_date", "need"),
                *("user_involvement", "activities", "evaluation"),
            ),
            "",
        ),
    )
    told = facts(client, project)
    unknown = {term for term, text in told.items() if text == "Framgår inte av källan"}
    assert unknown == {
        *("Period", "Verksamhetsområde", "Tema", "Insats", "Målgrupp", "Uppföljning", "Kostnad"),
        "Brukares och anhörigas medverkan",
    }
    text = shown(client, project)
    for heading in ("Kort på lätt svenska", "Behov", "Vad görs", "Resultat", "Kontakt"):
        assert f"{heading} Framgår inte av källan" in text


def test_what_is_missing_without_a_source_does_not_blame_one(client):
    assert facts(client, make_project())["Kostnad"] == "Uppgift saknas"


def test_a_project_that_goes_on_says_that_results_come_later(client):
    text = shown(client, make_project())
    assert "Det pågår ännu. Resultat redovisas när det finns." in text
    assert "Det här lärde de sig" not in text


def test_a_project_that_has_ended_tells_what_it_led_to_and_what_did_not_work(client):
    text = shown(client, make_project(**ended_fields()))
    for told in (
        *("Resultat Fler klarade kvällarna.", "Vad fungerade inte Schemat."),
        *("Råd till nästa Börja med schemat.", "Vad hände sedan? Arbetet fortsätter"),
    ):
        assert told in text


def test_typed_markdown_is_shown_and_cannot_carry_scripts(client):
    project = make_project(activities="## Så\n\n- **ett**\n\n<script>alert(1)</script>")
    markup = page(client, project.get_absolute_url())
    assert "<h4>Så</h4>" in markup
    assert "<strong>ett</strong>" in markup
    assert "<script>alert" not in markup


def test_text_in_any_field_cannot_carry_html(client):
    evil = "<img src=x onerror=alert(1)>"
    texts = dict.fromkeys(
        (
            *("title", "plain_summary", "need", "rationale", "contact_function", "funding"),
            *("setting", "dose", "staff_roles", "adaptations", "user_involvement_text"),
            *("research_link", "reference_number", "continuation"),
        ),
        evil,
    )
    project = make_project(**texts)
    for address in (
        *(project.get_absolute_url(), "/inventering/", "/", "/inventering/oversikt/"),
        *("/stadsdelar/bromma/", f"/inventering/jamfor/?id={project.public_id}"),
    ):
        assert evil not in page(client, address)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"published_at": datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)},
            "Uppgifterna lämnades 1 mars 2026. De har inte bekräftats sedan dess.",
        ),
        (
            {"last_confirmed_at": datetime.date(2026, 5, 2)},
            "Uppgifterna bekräftades senast 2 maj 2026.",
        ),
        ({"source": 2016}, "Uppgifterna kommer från 2016. De har inte bekräftats sedan dess."),
        (
            {"source": 2016, "last_confirmed_at": datetime.date(2026, 5, 2)},
            "Uppgifterna bekräftades senast 2 maj 2026.",
        ),
    ],
)
def test_the_page_says_how_fresh_it_is(client, fields, told):
    if "source" in fields:
        fields = fields | {"source": make_source(year=fields["source"])}
    assert told in shown(client, make_project(**fields))


def test_the_source_is_cited_with_its_section(client):
    source = make_source("Lokala utvecklingsmedel", 2016)
    source.reference_number = "3.1-447/2016"
    source.save()
    project = make_project(source=source, source_section="Avsnittet Kasam")
    cited = "Lokala utvecklingsmedel, Socialförvaltningen 2016, dnr 3.1-447/2016. Avsnittet Kasam."
    assert cited in shown(client, project)


def test_reports_files_and_links_are_there(client):
    project = make_project()
    document = make_document(project, title="Slutrapport")
    make_link(project, title="Om projektet")
    markup = page(client, project.get_absolute_url())
    assert f'<a href="/inventering/{project.public_id}/filer/{document.pk}/">Slutrapport' in markup
    assert '<a href="https://example.org/rapport" rel="noopener">Om projektet' in markup


def test_the_adoption_chain_is_shown_from_both_ends(client):
    first = make_project(title="Förlagan")
    second = make_project(title="Efterföljaren", inspired_by=[first])
    assert "Inspirerat av Förlagan" in shown(client, second)
    assert "Har inspirerat Efterföljaren" in shown(client, first)


def test_projects_alike_are_shown_the_most_alike_first(client):
    project = make_project(title="Det här", themes=["Boende", "Unga"])
    make_project(title="Lite lik", themes=["Boende"])
    make_project(title="Mycket lik", themes=["Boende", "Unga"])
    make_project(title="Olik", themes=["Arbete"])
    indexing.index()
    markup = page(client, project.get_absolute_url()).split("Liknande projekt")[1]
    assert re.findall(r'<h3><a href="[^"]*">(.*?)</a>', markup) == ["Mycket lik", "Lite lik"]


def test_search_engines_are_told_in_their_own_words(client):
    project = make_project(title="Stöd </script>", lead=make_district("Bromma"))
    markup = page(client, project.get_absolute_url())
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', markup, re.S)
    address = f"http://testserver{project.get_absolute_url()}"
    told = json.loads(block)
    assert (told["@type"], told["name"], told["url"]) == ("Project", "Stöd </script>", address)
    assert told["parentOrganization"] == [{"@type": "Organization", "name": "Bromma"}]
    assert f'<link rel="canonical" href="{address}">' in markup


# --- Measures -----------------------------------------------------------------------------------


def measure_text(client: Client, project: Project) -> str:
    markup = page(client, project.get_absolute_url())
    (figure,) = re.findall(r'<figure class="measure".*?</figure>', markup, re.S)
    return text_of(figure)


def test_a_share_without_a_baseline_is_drawn_and_implies_no_comparison(client):
    project = make_project()
    make_measure(project, ("2015", 92, 145))
    text = measure_text(client, project)
    assert "92 % av 145, 2015" in text
    assert "Värde från tiden före saknas." in text
    assert 'class="fill" width="92%"' in page(client, project.get_absolute_url())


def test_before_and_after_are_drawn_to_one_scale_with_the_difference(client):
    project = make_project()
    make_measure(
        project,
        ("2014", 50, None),
        ("2015-09", 62.5, 20),
        baseline_value=40,
        baseline_date="2013",
        target_value=60,
    )
    text = measure_text(client, project)
    assert "40 → 62,5 % av 20, september 2015, mål 60 %" in text
    assert "22,5 procentenheter högre än före." in text
    assert "Målet nåddes." in text
    markup = page(client, project.get_absolute_url())
    assert re.findall(r'<rect class="(before|fill)" width="(.*?)"', markup) == [
        *(("before", "40%"), ("fill", "50%"), ("fill", "62.5%")),
    ]


def test_a_goal_that_is_to_fall_is_reached_from_above(client):
    project = make_project()
    make_measure(project, ("2015", 12, None), unit="vräkningar", baseline_value=20, target_value=10)
    text = measure_text(client, project)
    assert ("8 vräkningar lägre än före." in text, "Målet nåddes inte." in text) == (True, True)


def test_a_count_alone_is_told_and_not_drawn(client):
    project = make_project()
    make_measure(project, ("2015", 500, None), unit="personer")
    assert "500 personer 2015" in measure_text(client, project)
    assert 'class="fill"' not in page(client, project.get_absolute_url())


def test_a_measure_without_a_value_says_so(client):
    project = make_project()
    make_measure(project)
    assert "Inget värde är redovisat." in measure_text(client, project)


# --- The fact sheet -----------------------------------------------------------------------------


def pdf_language(document: pypdfium2.PdfDocument) -> str:
    length = pypdfium2.raw.FPDFCatalog_GetLanguage(document, None, 0)
    written = (pypdfium2.raw.FPDF_WCHAR * (length // 2))()
    pypdfium2.raw.FPDFCatalog_GetLanguage(document, written, length)
    return bytes(written).decode("utf-16-le").rstrip("\0")


def test_the_sheet_is_a_tagged_pdf_with_title_language_and_text(client):
    project = make_project(title="Stöd på Åsö", themes=["Boende"])
    make_measure(project, ("2015", 92, 145))

    response = client.get(f"{project.get_absolute_url()}faktablad.pdf")

    content = body(response)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == f'inline; filename="ksi-{project.public_id}.pdf"'
    document = pypdfium2.PdfDocument(content)
    try:
        assert pypdfium2.raw.FPDFCatalog_IsTagged(document)
        assert document.get_metadata_dict()["Title"] == "Stöd på Åsö – faktablad från KSI"
        assert pdf_language(document) == "sv"
    finally:
        document.close()
    text = pdf_text(content)
    for told in ("Stöd på Åsö", "Kort på lätt svenska", "Boende", "92 %", "av 145"):
        assert told in text


def test_the_sheet_reads_nothing_from_outside(client, monkeypatch):
    opened = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *args: opened.append(args))
    project = make_project(
        activities="![bild](https://ond.example/x.png) ![fil](file:///etc/passwd)"
    )
    response = client.get(f"{project.get_absolute_url()}faktablad.pdf")
    assert (response.status_code, opened) == (200, [])


class NoPango(importlib.abc.MetaPathFinder):
    """A machine on which WeasyPrint does not find its libraries."""

    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


def test_a_machine_without_pango_shows_the_way_to_the_page(client, monkeypatch):
    project = make_project()
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])

    response = client.get(f"{project.get_absolute_url()}faktablad.pdf")

    assert response.status_code == 503
    markup = response.content.decode()
    assert "<h1>Bladet går inte att skapa här</h1>" in markup
    assert f'<a href="{project.get_absolute_url()}">Öppna sidan</a>' in markup


def test_sheets_are_limited_per_visitor(client, monkeypatch):
    project = make_project(title="Stöd")
    monkeypatch.setattr("core.sheets.pdf", lambda html: b"%PDF-1.7")
    statuses = []
    for number in range(21):
        response = client.get(f"{project.get_absolute_url()}faktablad.pdf?n={number}")
        statuses.append(response.status_code)
    assert statuses == [200] * 20 + [429]
    assert 1 <= int(response["Retry-After"]) <= 60


# --- Files --------------------------------------------------------------------------------------


def test_a_file_is_handed_out_under_its_name_and_kept_by_nobody(client):
    project = make_project()
    document = make_document(project, content="Åsö".encode())
    response = client.get(f"/inventering/{project.public_id}/filer/{document.pk}/")
    assert body(response) == "Åsö".encode()
    assert response["Content-Disposition"] == 'attachment; filename="slutrapport.txt"'
    assert response["Cache-Control"] == "no-store"


def test_a_file_is_at_its_own_project_only(client):
    project, other = make_project(), make_project()
    document = make_document(project)
    assert client.get(f"/inventering/{other.public_id}/filer/{document.pk}/").status_code == 404


def test_a_file_that_is_lost_is_a_404(client):
    project = make_project()
    document = make_document(project)
    document.file.storage.delete(document.file.name)
    assert client.get(f"/inventering/{project.public_id}/filer/{document.pk}/").status_code == 404


def test_files_of_a_staff_project_are_for_staff(client):
    project = make_project(visibility="personal")
    document = make_document(project)
    address = f"/inventering/{project.public_id}/filer/{document.pk}/"
    assert client.get(address).status_code == 404
    client.force_login(make_user())
    assert body(client.get(address)) == b"Text."


def test_an_uploaded_page_is_never_shown_as_one(client):
    """What somebody uploaded must not run as a page of the portal."""
    project = make_project()
    document = make_document(project)
    document.file.save("sida.html", io.BytesIO(b"<script>alert(1)</script>"))
    response = client.get(f"/inventering/{project.public_id}/filer/{document.pk}/")
    body(response)
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["X-Content-Type-Options"] == "nosniff"
