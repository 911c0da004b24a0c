"""Districts: what each runs and has run, its units, its methods, those before and after it."""

import datetime
import re

import pytest
from django.test import Client

from inventory.maps import DISTRICTS
from inventory.models import Project
from tests.factories import (
    ended_fields,
    make_district,
    make_organisation,
    make_project,
    make_succession,
    make_unit,
)
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db


def sections(client: Client, slug: str) -> dict[str, list[str]]:
    """Heading → names of the projects under it."""
    body = page(client, f"/stadsdelar/{slug}/").split('<div class="article-body">')[1]
    parts = re.split(r"<h2>(.*?)</h2>", body)[1:]
    return {
        heading: re.findall(r'<h3><a href="[^"]*">(.*?)</a>', part)
        for heading, part in zip(parts[::2], parts[1::2], strict=True)
    }


def test_a_district_shows_what_goes_on_what_is_over_and_its_methods(client):
    bromma = make_district("Bromma")
    make_project(title="Pågår", lead=bromma, methods=["Motiverande samtal", "Case management"])
    make_project(title="Ordinarie", lead=bromma, status=Project.Status.REGULAR, start_date="2010")
    make_project(title="Slut", lead=bromma, methods=["Motiverande samtal"], **ended_fields())
    make_project(title="Nedlagt", lead=bromma, **ended_fields() | {"status": "lades-ned"})
    make_project(title="Annan stadsdels", lead=make_district("Farsta"))

    found = sections(client, "bromma")
    markup = page(client, "/stadsdelar/bromma/")

    assert {heading: sorted(names) for heading, names in found.items()} == {
        "Det här pågår": ["Ordinarie", "Pågår"],
        "Det här är avslutat": ["Nedlagt", "Slut"],
        "Metoder som används": [],
    }
    table = markup.split("<caption>Metoder")[1].split("</table>")[0]
    assert re.findall(r"\?stadsdel=bromma&amp;metod=([\w-]+)\">", table) == [
        *("case-management", "motiverande-samtal"),
    ]
    assert re.findall(r'href="(/metoder/[^"]+)"', table) == [
        *("/metoder/case-management/", "/metoder/motiverande-samtal/"),
    ]
    assert re.findall(r'metod=[\w-]+">(\d+)<', table) == ["1", "2"]
    assert "4 rapporterade. 2 pågår" in text_of(markup)


def test_a_district_shows_its_units_neighbourhoods_and_dates(client):
    jarva = make_district(
        "Järva",
        valid_from=datetime.date(2023, 7, 1),
        neighbourhoods=["Akalla", "Tensta"],
        contact_function="Utvecklingsfunktionen",
        website="https://example.org/jarva",
        description="I nordväst.",
    )
    make_unit("Träffpunkten", jarva)
    text = text_of(page(client, "/stadsdelar/jarva/"))
    for told in (
        *("Bildades 1 juli 2023", "Akalla, Tensta", "Träffpunkten", "Utvecklingsfunktionen"),
        *("https://example.org/jarva", "I nordväst."),
    ):
        assert told in text


def test_the_chain_of_mergers_can_be_followed_both_ways(client):
    names = ("Hägersten", "Hägersten-Liljeholmen", "Hägersten-Älvsjö")
    old, between, new = (make_district(name) for name in names)
    make_succession(old, between, datetime.date(2007, 1, 1))
    make_succession(between, new, datetime.date(2020, 7, 1))
    make_project(title="Gammalt", lead=old)

    text = text_of(page(client, "/stadsdelar/hagersten-liljeholmen/"))

    assert "Före dess Hägersten" in text
    assert "Gick upp i Hägersten-Älvsjö 1 juli 2020" in text
    for slug in ("hagersten", "hagersten-liljeholmen", "hagersten-alvsjo"):
        assert sections(client, slug)["Det här pågår"] == ["Gammalt"]


def test_a_district_without_reports_does_not_claim_that_nothing_is_done(client):
    make_district("Bromma")
    text = text_of(page(client, "/stadsdelar/bromma/"))
    assert "Inget är rapporterat än. Det kan ändå finnas." in text


def test_more_than_twenty_are_shown_in_the_list(client):
    bromma = make_district("Bromma")
    for _ in range(21):
        make_project(lead=bromma)
    markup = page(client, "/stadsdelar/bromma/")
    assert len(sections(client, "bromma")["Det här pågår"]) == 20
    assert (
        '<a class="more" href="/inventering/?stadsdel=bromma&amp;lage=pagar&amp;lage=ordinarie">'
        "Visa alla 21 som pågår</a>"
    ) in markup


@pytest.mark.parametrize("slug", ["finns-inte", "socialforvaltningen", "traffpunkten", "BROMMA"])
def test_only_districts_have_pages(client, slug):
    make_unit("Träffpunkten", make_district("Bromma"))
    make_organisation("Socialförvaltningen")
    assert client.get(f"/stadsdelar/{slug}/").status_code == 404


def test_the_list_tells_todays_districts_from_those_before(client):
    old = make_district("Norrmalm", valid_to=datetime.date(2023, 7, 1))
    new = make_district("Norra innerstaden", valid_from=datetime.date(2023, 7, 1))
    make_succession(old, new, datetime.date(2023, 7, 1))
    make_district("Bromma")

    markup = page(client, "/stadsdelar/")
    table = markup.split("<caption>")[1].split("</table>")[0]
    earlier = markup.split("Tidigare stadsdelsområden")[1].split("</ul>")[0]

    assert re.findall(r'href="/stadsdelar/([\w-]+)/"', table) == ["bromma", "norra-innerstaden"]
    assert re.findall(r'href="/stadsdelar/([\w-]+)/"', earlier) == ["norrmalm"]
    assert "till 1 juli 2023, sedan Norra innerstaden" in text_of(earlier)
    assert "Stockholm har 2 stadsdelsområden." in text_of(markup)


def test_districts_stand_in_swedish_order(client):
    for name in ("Östermalm", "Älvsjö", "Årsta", "Bromma", "Skärholmen", "Skarpnäck"):
        make_district(name)
    table = page(client, "/stadsdelar/").split("<caption>")[1].split("</table>")[0]
    assert re.findall(r'<th scope="row"><a[^>]*>(.*?)</a>', table) == [
        *("Bromma", "Skarpnäck", "Skärholmen", "Årsta", "Älvsjö", "Östermalm"),
    ]


def test_the_map_knows_todays_eleven_districts():
    assert sorted(DISTRICTS) == [
        *("bromma", "enskede-arsta-vantor", "farsta", "hagersten-alvsjo", "hasselby-vallingby"),
        *("jarva", "kungsholmen", "norra-innerstaden", "skarholmen", "skarpnack", "sodermalm"),
    ]
