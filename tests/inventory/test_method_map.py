"""Which districts use which methods: as a table, and the same as text."""

import re

import pytest

from inventory.models import Project
from tests.factories import ended_fields, make_district, make_project
from tests.library_factories import make_method
from tests.reading import page, text_of

from .test_overview import cells_of

pytestmark = pytest.mark.django_db

ADDRESS = "/metoder/karta/"


def test_the_table_and_the_text_tell_the_same(client):
    bromma, farsta = make_district("Bromma"), make_district("Farsta")
    make_project(lead=bromma, methods=["Case management"])
    make_project(lead=bromma, methods=["Case management"], status=Project.Status.REGULAR)
    make_project(lead=farsta, methods=["Case management"], **ended_fields())
    make_method("Öppen dialog")
    markup = page(client, ADDRESS)
    assert cells_of(markup) == {
        "Case management": [
            ("n2", "2 med Case management i Bromma, varav 2 pågår"),
            ("n0", "1 med Case management i Farsta, inget pågår"),
        ]
    }
    assert 'href="/inventering/?metod=case-management&amp;stadsdel=bromma">2<' in markup
    (row,) = re.findall(r'<li class="row">(.*?)</ul>', markup, re.S)
    assert text_of(row) == (
        "Case management 3 rapporterade i hela staden, varav 2 pågår."
        " Bromma: 2 med Case management Farsta: 1 med Case management"
    )
    unused = markup.split('id="oanvanda"')[1].split("</section>")[0]
    assert re.findall(r'href="([^"]+)"', unused) == ["/metoder/oppen-dialog/"]


def test_an_empty_map_invites(client):
    make_district("Bromma")
    text = text_of(page(client, ADDRESS))
    assert "Inget projekt har rapporterat vilken metod det använder." in text
    assert "Lämna in ett projekt" in text
