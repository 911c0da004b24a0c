"""The lists and pages of methods and instruments, as anybody reads them."""

import datetime
import html
import re

import pypdfium2
import pypdfium2.raw
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import sheets
from inventory import actions as inventory
from library import actions
from library.models import Grade, Instrument, Method, ServiceArea, StageMove, Theme
from library.search import label_choices
from search import indexing
from search.models import EntryFacet
from tests.conftest import forget_everything
from tests.factories import (
    ended_fields,
    make_curator,
    make_district,
    make_instrument,
    make_organisation,
    make_project,
    make_source,
    make_term,
    make_user,
)
from tests.library_factories import make_grade, make_item, make_method
from tests.reading import body, page, pdf_text, text_of

pytestmark = pytest.mark.django_db

MI = "/metoder/motiverande-samtal/"


def listed(client: Client, query: str = "", path: str = "/metoder/") -> list[str]:
    """The names on a list, in order."""
    rows = re.findall(
        r"<h3><a href=\"/(?:metoder|instrument)/[^>]*>(.*?)</a>", page(client, f"{path}{query}")
    )
    return [html.unescape(row) for row in rows]


def choices(client: Client, facet: str, path: str = "/metoder/") -> dict[str, int]:
    """Value → count in the filter panel."""
    pattern = rf'id="f-{facet}-([\w-]+)".*?<span class="n">(\d+)<'
    return {value: int(count) for value, count in re.findall(pattern, page(client, path))}


def section(markup: str, heading: str) -> str:
    """The text below a heading, up to the next one of its kind."""
    return text_of(re.split(rf"<h2[^>]*>{heading}</h2>", markup)[1].split("<h2")[0])


# --- Lists --------------------------------------------------------------------------------------


def test_methods_stand_by_name_in_swedish_order(client):
    for name in ("Öppen dialog", "Återfallsprevention", "Bostad först"):
        make_method(name)
    assert listed(client) == ["Bostad först", "Återfallsprevention", "Öppen dialog"]


def test_a_row_tells_stage_summary_and_where_it_is_used(client):
    farsta, bromma = make_district("Farsta"), make_district("Bromma")
    make_method(
        abbreviation="MI", plain_summary="Ett sätt att prata.", stage=Method.Stage.EVALUATED
    )
    make_project(lead=farsta, methods=["Motiverande samtal"])
    make_project(lead=farsta, co_owners=[bromma], methods=["Motiverande samtal"])
    make_method("Bostad först")
    rows = re.findall(r'<li class="row">(.*?)</li>', page(client, "/metoder/"), re.S)
    assert [text_of(row) for row in rows] == [
        "Prövas Bostad först Ett syfte. Används i inget projekt som har rapporterats",
        "Utvärderas Motiverande samtal (MI) Ett sätt att prata."
        " Används i 2 projekt eller verksamheter i 2 stadsdelsområden",
    ]


def test_filters_count_and_narrow(client):
    area = make_term(ServiceArea, "Socialpsykiatri")
    theme = make_term(Theme, "Boende")
    first = make_method("Ett", stage=Method.Stage.SPREAD)
    first.themes.add(theme)
    first.service_areas.add(area)
    make_method("Två").service_areas.add(area)
    make_method("Tre", stage=Method.Stage.SPREAD)
    for method in Method.objects.all():
        actions.tool_changed(tool=method)
    assert choices(client, "verkstad") == {"provas": 1, "sprids": 2}
    assert (choices(client, "tema"), choices(client, "omrade")) == (
        {"boende": 1},
        {"socialpsykiatri": 2},
    )
    assert listed(client, "?verkstad=sprids") == ["Ett", "Tre"]
    assert listed(client, "?verkstad=sprids&omrade=socialpsykiatri") == ["Ett"]
    assert listed(client, "?verkstad=sprids&verkstad=provas") == ["Ett", "Tre", "Två"]


def test_words_find_a_method_by_what_is_told_of_it(client):
    make_method("Bostad först", how="En lägenhet utan motprestation.")
    make_method("Öppen dialog")
    indexing.index()
    assert listed(client, "?q=motprestation") == ["Bostad först"]
    assert listed(client, "?q=kvastskaft") == []


def test_the_list_of_instruments_is_filtered_by_what_they_are(client):
    make_instrument("Kasam")
    label_choices()
    follow_up = make_instrument("Utvärdering för brukare")
    Instrument.objects.filter(pk=follow_up.pk).update(kind=Instrument.Kind.FOLLOW_UP)
    follow_up.refresh_from_db()
    actions.tool_changed(tool=follow_up)
    path = "/instrument/"
    assert listed(client, path=path) == ["Kasam", "Utvärdering för brukare"]
    assert choices(client, "instrumenttyp", path) == {"bedomning": 1, "uppfoljning": 1}
    assert listed(client, "?instrumenttyp=uppfoljning", path) == ["Utvärdering för brukare"]


@pytest.mark.parametrize("path", ["/metoder/", "/instrument/"])
@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("", 200, "Här är det tomt än"),
        ("?tema=finns-inte", 400, "Vi känner inte igen ”finns-inte”. Välj i listan i stället."),
        ("?q=" + "a" * 201, 400, "Skriv högst 200 tecken i sökrutan."),
        ("?sida=9", 404, "Sidan ”9” finns inte."),
        ("?sida=x", 404, "Sidan ”x” finns inte."),
        ("?ordagrant=nej", 400, "Vi känner inte igen ”nej”. Välj på sidan i stället."),
    ],
)
def test_an_empty_list_invites_and_a_wrong_address_is_told(client, path, query, status, told):
    response = client.get(f"{path}{query}")
    assert response.status_code == status
    assert told in text_of(body(response).decode())


def test_fifty_stand_on_a_page(client):
    for number in range(51):
        make_method(f"Metod {number:02}")
    assert (len(listed(client)), listed(client, "?sida=2")) == (50, ["Metod 50"])


# --- A method -----------------------------------------------------------------------------------


def test_a_method_tells_all_that_is_known_of_it(client):
    texts = {
        "plain_summary": "Ett sätt att prata.",
        "purpose": "Att hitta sin vilja.",
        "how": "Fråga **öppet**.",
        "target_group": "Vuxna.",
        "training": "Tre dagar.",
        "cost": "En kursavgift.",
        "fidelity": "Spela in samtal.",
        "risks": "Att övertala.",
        "contact_function": "Metodstödet",
        "research_says": "Liten effekt.",
        "staff_say": "Lugnare samtal.",
        "experience_says": "Jag blev hörd.",
    }
    method = make_method(**texts)
    method.instruments.add(make_instrument("Kasam"))
    make_item(title="En rapport om MI", methods=["Motiverande samtal"], year=2020)
    markup = page(client, MI)
    text = text_of(markup)
    for told in texts.values():
        assert told.replace("**öppet**.", "öppet") in text
    assert '<a href="/instrument/kasam/">Kasam</a>' in markup
    assert "En rapport om MI" in section(markup, "Att läsa vidare")
    assert "har berättat än" not in text


def test_what_nobody_has_told_is_said_and_an_empty_voice_invites(client):
    make_method(source=make_source("Rapport", 2016))
    markup = page(client, MI)
    assert section(markup, "Kort på lätt svenska") == "Framgår inte av källan"
    voices = section(markup, "Tre röster")
    invitations = ("Tipsa KSI om en studie", "Berätta hur ni gör", "Berätta om din erfarenhet")
    assert [voices.count(words) for words in invitations] == [1, 1, 1]
    assert "Ingen som arbetar med metoden har berättat än." in voices
    assert "Uppgifterna kommer från 2016." in text_of(markup)
    assert "Det finns ingen rapport om Motiverande samtal i biblioteket än." in text_of(markup)


def drawn(markup: str) -> list[tuple[str, str, str]]:
    """The profile: dimension, where on the scale it is drawn, and what stands in words."""
    lines = markup.split('<dl class="profile">')[1].split("</dl>")[0].split("<div>")[1:]
    found = []
    for line in lines:
        cells = re.findall(r'<rect class="(\w+)"', line)
        name, words = re.search(r"<dt>(.*?)</dt>(.*)", line, re.S).groups()
        found.append(
            (name, "".join("x" if cell == "fill" else "." for cell in cells), text_of(words))
        )
    return found


def test_the_profile_is_drawn_and_told_line_by_line(client):
    method = make_method()
    make_grade(method, dimension=Grade.Dimension.EFFECT, value=Grade.Effect.MODERATE)
    make_grade(method, dimension=Grade.Dimension.PRACTICE, value=Grade.Level.A)
    make_grade(method, dimension=Grade.Dimension.TRANSFER, value=Grade.Level.D)
    why = (
        "Den vilar på en beskriven teori. Bedömt av Forskningsrådet."
        " Källa: Underlag till forskningsrådet 2026"
    )
    markup = page(client, MI)
    assert drawn(markup) == [
        ("Effekt", "..x.", f"Måttlig tillförlitlighet {why}"),
        ("Teori", "....", "Ej bedömt"),
        ("Praktisk erfarenhet", "...x", f"A – starkt underlag {why}"),
        ("Genomförbarhet", "....", "Ej bedömt"),
        ("Överförbarhet till Stockholm", "x...", f"D – svagt underlag {why}"),
        ("Brukares och anhörigas erfarenhet", "....", "Ej bedömt"),
    ]
    assert "Brist på belägg betyder inte brist på effekt." in text_of(markup)


@pytest.mark.parametrize("value", ["studier-saknas", "ingen-effekt", "risk"])
def test_what_is_no_step_between_others_is_told_in_words_alone(client, value):
    make_grade(make_method(), dimension=Grade.Dimension.EFFECT, value=value)
    _, cells, words = drawn(page(client, MI))[0]
    assert (cells, words.startswith(Grade.Effect(value).label)) == ("....", True)


def test_the_moves_stand_in_order_with_date_and_reason(client):
    method = make_method(stage=Method.Stage.NOTICED)
    curator = make_curator()
    day = datetime.date(2025, 3, 1)
    actions.enter_workshop(method=method, reason="Hörd på en konferens.", by=curator, date=day)
    actions.move_stage(
        method=method,
        to=Method.Stage.TRIED,
        reason="Farsta vill pröva.",
        by=curator,
        date=datetime.date(2025, 9, 15),
    )
    assert section(page(client, MI), "I metodverkstaden") == (
        "Nu: Prövas . Uppmärksammad 1 mars 2025 Hörd på en konferens."
        " Prövas 15 september 2025 Farsta vill pröva."
    )


def test_a_method_without_moves_says_that_its_date_is_not_noted(client):
    make_method()
    told = "Nu: Prövas . När metoden kom dit är inte antecknat."
    assert section(page(client, MI), "I metodverkstaden") == told


def test_the_history_is_for_those_who_may_read_it(client):
    method = make_method()
    link = f'href="/redaktion/historik/library.method/{method.pk}/"'
    assert link not in page(client, MI)
    client.force_login(make_user())
    assert link not in page(client, MI)
    client.force_login(make_curator())
    assert link in page(client, MI)


# --- Who uses it --------------------------------------------------------------------------------


def test_districts_that_use_it_tell_since_when_and_whom_to_ask(client):
    farsta, bromma = make_district("Farsta"), make_district("Bromma")
    own = make_project(
        title="Samtal", lead=farsta, methods=["Motiverande samtal"], start_date="2012"
    )
    make_project(title="Mer samtal", lead=farsta, methods=["Motiverande samtal"], start_date="2015")
    make_project(title="Annat", lead=bromma)
    make_project(
        title="Stadens",
        lead=make_organisation("Socialförvaltningen"),
        methods=["Motiverande samtal"],
        **ended_fields(),
    )
    markup = page(client, MI)
    told = section(markup, "Här används Motiverande samtal")
    assert told.startswith("Farsta 2 projekt och verksamheter, känt sedan 2012 Mer samtal")
    assert "Andra än dagens stadsdelsområden 1 projekt eller verksamhet" in told
    assert "Fråga Enheten för socialpsykiatri: Skriv till dem" in told
    assert "Bromma" not in told
    assert f'href="{own.get_absolute_url()}kontakt/"' in markup
    assert 'href="/inventering/?metod=motiverande-samtal">Visa alla 3' in markup


def test_of_many_in_one_district_the_latest_three_stand_with_a_way_to_all(client):
    for year in range(2010, 2015):
        make_project(title=f"Nr {year}", methods=["Motiverande samtal"], start_date=str(year))
    markup = page(client, MI)
    told = section(markup, "Här används Motiverande samtal")
    named = list(dict.fromkeys(re.findall(r"Nr (\d{4})", told)))
    assert named == ["2014", "2013", "2012"]
    assert "?metod=motiverande-samtal&amp;stadsdel=bromma" in markup


def test_a_method_that_nobody_has_reported_invites(client):
    make_method()
    told = section(page(client, MI), "Här används Motiverande samtal")
    assert "Inget projekt har rapporterat att det använder Motiverande samtal." in told
    assert "Lämna in ett projekt" in told


def test_the_project_leads_to_its_methods_and_instruments(client):
    project = make_project(methods=["Motiverande samtal"], instruments=[make_instrument("Kasam")])
    markup = page(client, project.get_absolute_url())
    assert f'<a href="{MI}">Motiverande samtal</a>' in markup
    assert '<a href="/instrument/kasam/">Kasam</a>' in markup


def test_the_search_leads_to_the_method_and_a_district_narrows_it(client):
    farsta = make_district("Farsta")
    make_project(title="Kvällar", lead=farsta, methods=["Motiverande samtal"])
    make_method("Öppen dialog")
    indexing.index()
    markup = page(client, "/sok/?q=motiverande+samtal&slag=metod")
    assert f'<a href="{MI}"><mark>Motiverande</mark> <mark>samtal</mark></a>' in markup
    assert f'href="{MI}"' in page(client, "/sok/?q=motiverande&stadsdel=farsta")


def test_the_district_of_a_method_follows_its_projects(client):
    def districts() -> list[str]:
        found = EntryFacet.objects.filter(entry__kind="metod", facet="stadsdel")
        return sorted(found.values_list("value", flat=True))

    project = make_project(lead=make_district("Farsta"), methods=["Motiverande samtal"])
    assert districts() == ["farsta"]
    project.lead = make_district("Bromma")
    project.save()
    inventory.record_change(project=project, by=None, changes={})
    assert districts() == ["bromma"]
    inventory.withdraw(project=project, reason="Dubblett.", by=make_curator())
    assert districts() == []


# --- An instrument ------------------------------------------------------------------------------


def test_an_instrument_tells_what_is_known_of_it(client):
    instrument = make_instrument("Kasam")
    texts = {
        "measures_what": "Känsla av sammanhang.",
        "filled_in_by": "Personen själv.",
        "time": "Tio minuter.",
        "rights_and_cost": "Fritt.",
        "training": "Ingen.",
        "manual": "Finns på svenska.",
        "feedback": "Gå igenom svaren tillsammans.",
        "tried_how": "Bland unga.",
        "target_group": "Vuxna.",
        "psychometrics": "B",
        "psychometrics_reason": "Få studier.",
        "psychometrics_by": "Forskningsrådet",
        "psychometrics_cited": "Underlag 2026",
        "tried_in_sweden": Instrument.Tried.PARTLY,
    }
    Instrument.objects.filter(pk=instrument.pk).update(**texts)
    instrument.similar.add(make_instrument("Oro"))
    make_method().instruments.add(instrument)
    make_project(title="Mäter", instruments=[instrument])
    markup = page(client, "/instrument/kasam/")
    for name, told in texts.items():
        if name not in {"psychometrics", "tried_in_sweden"}:
            assert told in text_of(markup)
    assert section(markup, "Mätegenskaper") == (
        "B – delvis prövat . Få studier. Bedömt av Forskningsrådet. Källa: Underlag 2026"
    )
    assert section(markup, "Prövat i Sverige") == "Delvis Bland unga."
    assert '<a href="/instrument/oro/">Oro</a>' in markup
    assert f'<a href="{MI}">Motiverande samtal</a>' in markup
    assert "Mäter" in section(markup, "Här används Kasam")
    assert "?instrument=" not in markup


def test_an_instrument_that_nobody_has_graded_says_so(client):
    make_instrument("Kasam")
    markup = page(client, "/instrument/kasam/")
    assert section(markup, "Mätegenskaper").startswith("Ej bedömt Det betyder att ingen")


# --- The sheet ----------------------------------------------------------------------------------


@pytest.mark.parametrize("graded", [0, 3, 6])
def test_the_sheet_is_one_tagged_page_however_long_the_texts(client, graded):
    long = "Ett ord " * 400
    method = make_method(
        plain_summary=long, target_group=long, how=long, source=make_source(title="Källa " * 12)
    )
    for dimension in list(Grade.Dimension)[:graded]:
        value = Grade.Effect.VERY_LOW if dimension == "effekt" else Grade.Level.B
        make_grade(
            method,
            dimension=dimension,
            value=value,
            reason="Ord " * 74,
            graded_by="Forskningsrådet " * 9,
            cited="Underlag " * 33,
        )
    response = client.get(f"{MI}apt.pdf")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == 'inline; filename="ksi-motiverande-samtal.pdf"'
    document = pypdfium2.PdfDocument(body(response))
    try:
        assert (len(document), pypdfium2.raw.FPDFCatalog_IsTagged(document)) == (1, 1)
        title = document.get_metadata_dict()["Title"]
        assert title == "Motiverande samtal – ta med till APT, från KSI"
    finally:
        document.close()


def test_the_sheet_says_what_to_talk_about(client):
    method = make_method(plain_summary="Ett sätt att prata.", how="Fråga **öppet**.")
    make_grade(method)
    text = " ".join(pdf_text(body(client.get(f"{MI}apt.pdf"))).split())
    for told in (
        "Ett sätt att prata.",
        "Fråga öppet.",
        "Att prata om på arbetsplatsträffen",
        "Den vilar på en beskriven teori.",
        "Ej bedömt",
        "Brist på belägg betyder inte brist på effekt.",
        "http://testserver/metoder/motiverande-samtal/",
    ):
        assert told in text


def test_a_machine_that_cannot_print_leads_to_the_page(client, monkeypatch):
    def cannot(html: str) -> bytes:
        raise sheets.NoPrinter

    make_method()
    monkeypatch.setattr("core.sheets.pdf", cannot)
    response = client.get(f"{MI}apt.pdf")
    assert response.status_code == 503
    assert f'<a href="{MI}">Öppna sidan</a>' in body(response).decode()


# --- Queries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "asked"),
    [("/metoder/", 6), ("/instrument/", 6), (MI, 13), ("/instrument/kasam/", 11)],
)
def test_a_page_asks_as_much_however_much_there_is(client, address, asked, count):
    instrument = make_instrument("Kasam")
    method = make_method()
    for number in range(count):
        make_project(
            title=f"Nr {number}",
            lead=make_district(f"Stadsdel {number}"),
            methods=["Motiverande samtal"],
            instruments=[instrument],
        )
        make_method(f"Metod {number}").instruments.add(instrument)
        other = make_instrument(f"Instrument {number}")
        method.instruments.add(other)
        instrument.similar.add(other)
        make_item(
            title=f"Rapport {number}", methods=["Motiverande samtal"], instruments=[instrument]
        )
        StageMove.objects.create(method=method, to_stage=method.stage, reason="Skäl.")
    for dimension in list(Grade.Dimension)[1 : count + 1]:
        make_grade(method, dimension=dimension)
    forget_everything()
    client.get(address)
    make_project(title="Något annat")
    with CaptureQueriesContext(connection) as cold:
        client.get(address)
    with CaptureQueriesContext(connection) as repeated:
        client.get(address)
    assert (len(cold), len(repeated)) == (asked, 1)
