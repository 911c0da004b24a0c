"""Two to four projects side by side."""

import re

import pytest
from django.test import Client

from inventory.models import Project
from tests.factories import ended_fields, make_district, make_measure, make_project, make_source
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db


def columns(markup: str) -> list[str]:
    """The compared projects' names."""
    return [text_of(cell) for cell in re.findall(r'<th scope="col">(.*?)</th>', markup, re.S)]


def rows(markup: str) -> dict[str, tuple[bool, list[str]]]:
    """Label → whether the row is marked as differing, and its cells."""
    found = re.findall(r'<tr( class="differs")?><th scope="row">(.*?)</th>(.*?)</tr>', markup, re.S)
    return {
        text_of(label): (
            bool(marked),
            [text_of(cell) for cell in re.findall(r"<td>.*?</td>", cells)],
        )
        for marked, label, cells in found
    }


def compare(client: Client, *ids: object) -> tuple[int, str]:
    response = client.get("/inventering/jamfor/", {"id": [str(number) for number in ids]})
    return response.status_code, response.content.decode()


@pytest.fixture
def five() -> list[Project]:
    return [make_project(title=name) for name in "ABCDE"]


def test_without_projects_the_page_tells_how_to_choose(client):
    status, markup = compare(client)
    assert (status, columns(markup)) == (200, [])
    assert "Här kan du ställa två till fyra projekt bredvid varandra." in markup


@pytest.mark.parametrize("count", [2, 3, 4])
def test_two_to_four_projects_stand_in_the_order_in_which_they_were_chosen(client, five, count):
    chosen = five[:count][::-1]
    status, markup = compare(client, *(project.public_id for project in chosen))
    assert (status, columns(markup)) == (200, [project.title for project in chosen])
    assert "error-summary" not in markup


def test_one_project_asks_for_another(client, five):
    status, markup = compare(client, five[0].public_id)
    assert (status, columns(markup)) == (200, ["A"])
    assert "Välj minst ett projekt till att jämföra med." in markup


def test_of_five_the_first_four_are_shown(client, five):
    status, markup = compare(client, *(project.public_id for project in five))
    assert (status, columns(markup)) == (400, ["A", "B", "C", "D"])
    assert "Det går att jämföra högst 4 åt gången." in markup


@pytest.mark.parametrize("again", ["{}", "0{}", " {}"])
def test_a_project_chosen_twice_is_shown_once(client, five, again):
    ids = [five[0].public_id, again.format(five[0].public_id), five[1].public_id]
    assert columns(compare(client, *ids)[1]) == ["A", "B"]


@pytest.mark.parametrize("bad", ["abc", "", "-1", "1.5", "²", "9" * 10, "9" * 5000, "1;2"])
def test_what_is_no_number_is_told_and_the_rest_is_shown(client, five, bad):
    status, markup = compare(client, five[0].public_id, bad, five[1].public_id)
    assert (status, columns(markup)) == (400, ["A", "B"])
    assert "Ett löpnummer är bara siffror." in markup


def test_a_number_that_nothing_has_is_told_and_the_rest_is_shown(client, five):
    status, markup = compare(client, five[0].public_id, 4711, five[1].public_id, 0)
    assert (status, columns(markup)) == (404, ["A", "B"])
    assert "Vi hittar inte projekt nummer 4711, 0." in markup


def test_each_can_be_taken_out(client, five):
    first, second, third = (project.public_id for project in five[:3])
    _, markup = compare(client, first, second, third)
    assert re.findall(r'<a href="\?([^"]*)">Ta bort', markup) == [
        f"id={second}&amp;id={third}",
        f"id={first}&amp;id={third}",
        f"id={first}&amp;id={second}",
    ]


def test_rows_that_differ_are_marked(client):
    one = make_project(lead=make_district("Bromma"), themes=["Boende"], cost_total=1000)
    other = make_project(
        lead=make_district("Farsta"), themes=["Boende"], **ended_fields() | {"start_date": "2014"}
    )
    make_measure(one, ("2015", 92, 145))

    found = rows(compare(client, one.public_id, other.public_id)[1])

    assert found["Ansvarig"] == (True, ["Bromma", "Farsta"])
    assert found["Tema"] == (False, ["Boende", "Boende"])
    assert found["Start"] == (False, ["2014", "2014"])
    assert found["Läge"] == (True, ["Pågår", "Avslutades"])
    assert found["Mått"][1][0] == "Andel som mår bättre: 2015: 92 procent (n = 145)"
    assert found["Antal nådda"][0] is True


def test_what_is_missing_is_told_as_on_the_projects_own_page(client):
    """Only what was written from a source can be missing in one."""
    own, sourced = make_project(), make_project(source=make_source())
    found = rows(compare(client, own.public_id, sourced.public_id)[1])
    assert found["Kostnad, kronor"][1] == ["Uppgift saknas", "Framgår inte av källan"]


def test_a_comparison_is_not_indexed(client, five):
    markup = page(client, "/inventering/jamfor/")
    assert '<meta name="robots" content="noindex">' in markup
