"""The overview tells what is reported from what goes on, and never praises reporting alone."""

import re

import pytest
import time_machine
from django.test import Client

from inventory.models import Project
from inventory.reports import Amount
from library.models import Theme
from tests.factories import (
    ended_fields,
    make_district,
    make_project,
    make_source,
    make_succession,
    make_term,
)
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "/inventering/oversikt/"


def matrix(client: Client) -> dict[str, list[tuple[str, str]]]:
    """Theme → class and text of its cells."""
    return cells_of(page(client, ADDRESS))


def cells_of(markup: str) -> dict[str, list[tuple[str, str]]]:
    """Name of each row → class and text of its cells."""
    table = markup.split('<table class="matrix">')[1].split("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table, re.S)
    return {
        text_of(name): [
            (shade, text_of(cell))
            for shade, cell in re.findall(r'<td(?: class="(.*?)")?>(.*?)</td>', cells, re.S)
        ]
        for name, cells in rows
    }


@pytest.mark.parametrize(
    ("total", "ongoing", "shade"),
    [(0, 0, ""), (3, 0, "n0"), (1, 1, "n1"), (2, 2, "n2"), (3, 3, "n2"), (9, 4, "n3")],
)
def test_a_shade_is_what_goes_on_and_nothing_reported_has_none(total, ongoing, shade):
    amount = Amount(total, ongoing)
    assert (amount.shade, amount.ended) == (shade, total - ongoing)


def test_the_matrix_tells_nothing_reported_from_nothing_going_on(client):
    bromma = make_district("Bromma")
    make_district("Farsta")
    make_project(lead=bromma, themes=["Boende"])
    make_project(lead=bromma, themes=["Boende"], status=Project.Status.REGULAR)
    make_project(lead=bromma, themes=["Boende", "Unga"], **ended_fields())

    assert matrix(client) == {
        "Boende": [
            ("n2", "3 om Boende i Bromma, varav 2 pågår"),
            ("", "– inget rapporterat"),
        ],
        "Unga": [("n0", "1 om Unga i Bromma, inget pågår"), ("", "– inget rapporterat")],
    }


def test_a_figure_leads_to_its_projects(client):
    make_project(lead=make_district("Bromma"), themes=["Boende"])
    markup = page(client, ADDRESS)
    assert 'href="/inventering/?tema=boende&amp;stadsdel=bromma">1<' in markup


def test_the_map_tells_the_same_with_a_table_beside_it(client):
    bromma, farsta = make_district("Bromma"), make_district("Farsta")
    make_district("Järva")
    make_project(lead=bromma)
    make_project(lead=farsta, **ended_fields())
    for address in ("/", ADDRESS, "/stadsdelar/"):
        place = r'<a class="(\w*)" href="/stadsdelar/\w+/" aria-label="(.*?)"'
        told = re.findall(place, page(client, address))
        assert told == [
            ("n1", "Bromma: 1 rapporterad, varav 1 pågår"),
            ("n0", "Farsta: 1 rapporterad, inget pågår"),
            ("", "Järva: inget rapporterat"),
        ]
    table = page(client, ADDRESS).split("<caption>Rapporterat per")[1].split("</table>")[0]
    assert text_of(table.split("<tbody>")[1]) == "Bromma 1 0 Farsta 0 1 Järva inget rapporterat"


def test_a_merged_district_is_counted_where_it_went(client):
    old, new = make_district("Älvsjö", valid_to="2020-07-01"), make_district("Hägersten-Älvsjö")
    make_succession(old, new)
    make_project(lead=old, themes=["Boende"])
    assert matrix(client) == {"Boende": [("n1", "1 om Boende i Hägersten-Älvsjö, varav 1 pågår")]}


def test_little_covered_themes_stand_with_the_emptiest_first(client):
    make_term(Theme, "Ensamhet")
    for theme, count in (("Boende", 3), ("Unga", 2)):
        for _ in range(count):
            make_project(themes=[theme])
    make_project(themes=["Arbete"], **ended_fields())

    cards = page(client, ADDRESS).split('id="fa">')[1]
    told = [text_of(card) for card in re.findall(r'<li class="card">(.*?)</li>', cards, re.S)]

    assert told == [
        "Ensamhet Inget rapporterat.",
        "Arbete 1 rapporterad, inget pågår. Visa det som finns om Arbete",
        "Unga 2 rapporterade, varav 2 pågår. Visa det som finns om Unga",
    ]


def test_the_timeline_draws_the_years_that_are_known(client):
    with time_machine.travel("2026-06-01T12:00Z", tick=False):
        make_project(title="Slut", **ended_fields() | {"start_date": "2006", "end_date": "2010"})
        make_project(title="Pågår", start_date="2016")
        only_end = ended_fields() | {"start_date": "", "end_date": "2012"}
        make_project(title="Bara slutet", source=make_source(year=2016), **only_end)
        markup = page(client, ADDRESS)

    bar = r'<li><p><a href="[^"]*">(.*?)</a></p>.*?<rect class="fill[^>]* x="(.*?)"'
    bars = dict(re.findall(bar, markup, re.S))
    # 21 years from 2006 to 2026.
    assert {name: float(x.rstrip("%")) for name, x in bars.items()} == {
        "Pågår": pytest.approx(10 / 21 * 100, abs=0.01),
        "Bara slutet": pytest.approx(6 / 21 * 100, abs=0.01),
        "Slut": 0,
    }
    assert (markup.count('class="dash"'), markup.count('<path class="fill-go"')) == (1 + 1, 1 + 1)


def test_the_timelines_table_counts_each_year_and_leads_to_the_list(client):
    with time_machine.travel("2026-06-01T12:00Z", tick=False):
        make_project(**ended_fields() | {"start_date": "2014", "end_date": "2015"})
        make_project(**ended_fields() | {"start_date": "2015", "end_date": "2015"})
        table = page(client, ADDRESS).split("kända för varje år")[1].split("</table>")[0]
    assert text_of(table.split("<tbody>")[1]) == "2014 1 2015 2"
    assert '<a href="/inventering/?fran=2015&amp;till=2015">2015</a>' in table


def test_more_projects_than_a_picture_holds_are_shown_in_the_list(client, monkeypatch):
    monkeypatch.setattr("inventory.reports.MOST_BARS", 2)
    for year in ("2014", "2015", "2016"):
        make_project(title=f"Från {year}", start_date=year)
    markup = page(client, ADDRESS)
    timeline = markup.split('<ol class="timeline">')[1].split("</ol>")[0]
    assert re.findall(r'<a href="[^"]*">(.*?)</a>', timeline) == ["Från 2016", "Från 2015"]
    assert '<a href="/inventering/?sortera=start">Visa alla 3 i en lista</a>' in markup


def test_an_empty_inventory_has_an_overview(client):
    text = text_of(page(client, ADDRESS))
    assert "Här visas projekten år för år, så snart något är inlagt." in text


def test_the_overviews_percentages_are_written_for_a_browser(client):
    """Swedish templates write decimal commas, which SVG does not read."""
    for year in ("2014", "2015", "2016"):
        make_project(start_date=year)
    lengths = re.findall(r'(?:x|x1|x2|width)="([\d,.]*%)"', page(client, ADDRESS))
    assert [length for length in lengths if "," in length] == []
    assert len(lengths) > 9


def reused(client: Client) -> list[str]:
    section = page(client, ADDRESS).split('<h2 id="ateranvands">')[1].split("</section>")[0]
    return [text_of(row) for row in re.findall(r"<li>(.*?)</li>", section, re.S)]


def test_what_inspired_others_is_counted_the_most_reused_first(client):
    root, other = make_project(title="Ett"), make_project(title="Två")
    make_project(title="Tre", inspired_by=[root, other])
    make_project(title="Fyra", inspired_by=[root])
    make_project(title="Hemligt", inspired_by=[other], visibility="personal")
    assert reused(client) == ["Ett har inspirerat 2 projekt", "Två har inspirerat 1 projekt"]


def test_what_is_hidden_is_not_named_as_reused(client):
    root = make_project(title="Hemligt", visibility="personal")
    make_project(title="Tre", inspired_by=[root])
    assert reused(client) == []


def test_nothing_reused_is_told(client):
    make_project()
    assert "Ingen har ännu berättat" in page(client, ADDRESS)
