"""A unit's list is shown as it is read, and the rows that are ticked become drafts, once."""

import re

import pytest
from django.test import Client

from inventory.models import Draft
from people import roles
from tests.factories import make_district, make_draft, make_unit, make_writer
from tests.inventory.test_spreadsheets import sheet_of
from tests.people.test_roles import somebody
from tests.reading import text_of

pytestmark = pytest.mark.django_db

ADDRESS = "/inventering/lamna-in/lista/"
ACCEPT = f"{ADDRESS}spara/"


@pytest.fixture
def unit():
    return make_unit("Enheten för boendestöd", make_district("Farsta"))


@pytest.fixture
def reporter(client, unit):
    user = make_writer(unit)
    client.force_login(user)
    return user


def preview(client: Client, *rows: tuple):
    file = sheet_of(("Namn", "Läge"), *rows)
    file.name = "lista.xlsx"
    return client.post(ADDRESS, {"file": file})


def carried(response) -> str:
    return re.search(r'name="rader" value="([^"]*)"', response.content.decode())[1]


def test_the_preview_shows_each_row_and_saves_nothing(client, reporter):
    response = preview(client, ("Kvällsstöd", "Pågår"), ("Frukost", "Pågor"), (None, "Pågår"))
    assert response.status_code == 200
    told = text_of(response.content.decode())
    assert "3 rader lästa, 1 utan fel. Inget är sparat än." in told
    assert "”Pågor” finns inte bland orden. Menar ni ”Pågår”?" in told
    assert "Namnet saknas." in told
    assert re.findall(r'name="rad" value="(\d+)"( checked)?', response.content.decode()) == [
        ("2", " checked"),
        ("3", ""),
    ]
    assert Draft.objects.count() == 0


def test_ticked_rows_become_drafts_of_the_unit_once(client, reporter, unit):
    rows = carried(preview(client, ("Kvällsstöd", "Pågår"), ("Frukost", "Pågor"), ("Mer", "")))
    for _ in range(2):
        response = client.post(ACCEPT, {"rader": rows, "rad": ["2", "3"]})
        assert response.headers["Location"] == "/inventering/lamna-in/"
    drafts = Draft.objects.order_by("pk")
    assert [(draft.title, draft.unit, draft.created_by) for draft in drafts] == [
        ("Kvällsstöd", unit, reporter),
        ("Frukost", unit, reporter),
    ]
    assert drafts[0].payload == {"title": ["Kvällsstöd"], "status": ["pagar"]}


def test_no_ticked_row_saves_nothing(client, reporter):
    rows = carried(preview(client, ("Kvällsstöd", "Pågår")))
    assert client.post(ACCEPT, {"rader": rows}).headers["Location"] == ADDRESS
    assert Draft.objects.count() == 0


def test_a_preview_that_was_tampered_with_or_is_anothers_is_refused(client, reporter, unit):
    rows = carried(preview(client, ("Kvällsstöd", "Pågår")))
    other = Client()
    other.force_login(make_writer(unit))
    for browser, sent in ((client, rows[:-1] + "x"), (client, ""), (other, rows)):
        response = browser.post(ACCEPT, {"rader": sent, "rad": ["2"]})
        assert response.status_code == 422
        assert "Förhandsvisningen gäller inte längre." in response.content.decode()
    assert Draft.objects.count() == 0


def test_a_unit_that_one_has_left_gets_no_drafts(client, reporter):
    rows = carried(preview(client, ("Kvällsstöd", "Pågår")))
    reporter.memberships.update(organisation=make_unit("Annan", make_district("Bromma")))
    client.post(ACCEPT, {"rader": rows, "rad": ["2"]})
    assert Draft.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("lista.csv", b"Namn;Stad", "xlsx"),
        ("lista.xlsx", b"PK\x03\x04" + b"x" * 100, ""),
        ("lista.xlsx", b"", ""),
    ],
)
def test_a_wrong_file_is_told_at_the_field(client, reporter, name, content, sentence):
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = client.post(ADDRESS, {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert 'id="id_file_error"' in response.content.decode()
    assert sentence in response.content.decode()


def test_no_file_is_told(client, reporter):
    response = client.post(ADDRESS, {})
    assert response.status_code == 422
    assert "Välj en Excel-fil." in response.content.decode()


def test_the_template_is_an_excel_file(client, reporter):
    response = client.get("/inventering/lamna-in/mall.xlsx")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="ksi-mall.xlsx"'
    assert response.content[:2] == b"PK"


WRITERS = {roles.Reporter, roles.UnitManager}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_only_who_writes_for_a_unit_gets_there(client, unit, role):
    make_draft(unit)
    if user := somebody(role, unit):
        client.force_login(user)
    expected = 200 if role in WRITERS else 302 if user is None else 404
    for address in (ADDRESS, "/inventering/lamna-in/mall.xlsx"):
        assert client.get(address).status_code == expected
    posted = client.post(ACCEPT, {}).status_code
    assert posted == (422 if role in WRITERS else expected)
