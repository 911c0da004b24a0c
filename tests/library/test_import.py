"""References read in from RIS and BibTeX: shown row by row, those that are chosen become drafts."""

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from library.models import Draft
from library.references import NotReferences, read
from people.models import User
from tests.factories import make_curator, make_organisation
from tests.library_factories import make_item, make_library_draft
from tests.reading import text_of

pytestmark = pytest.mark.django_db

HERE = "/redaktion/bibliotek/import/"
RIS = """TY  - RPRT
TI  - Boende med stöd
AU  - Berg, Anna
AU  - Socialstyrelsen
PY  - 2019/05/01
PB  - Socialstyrelsen
DO  - https://doi.org/10.1000/ABC
SN  - 978-0-306-40615-7
LA  - swe
UR  - https://example.org/rapport
ER  -
TY  - BOOK
AU  - Utan, Titel
ER  -
"""
BIB = r"""@book{a, title = {Att {Bo} sj{\"a}lv}, author = {Anna Berg and {Stockholms stad}},
  year = 2020}
@book{a, title = {Samma nyckel}, year = {2021}, isbn = {978-0-306-40615-8}}
@article{b, title = {Oavslutad, year = 2020
@article{c, title = "Efter den trasiga", journal = {Tidskriften}, issn = {0378-5955}}
"""


@pytest.fixture
def curator(client: Client) -> User:
    user = make_curator()
    client.force_login(user)
    return user


def told(rows: Any) -> list[tuple[str, bool]]:
    return [(row.title, row.can_be_kept) for row in rows]


def test_ris_is_read():
    publisher = make_organisation("Socialstyrelsen")
    first, second = read(RIS)
    assert first.payload == {
        "kind": ["forskningsrapport"],
        "title": ["Boende med stöd"],
        "authors": ["Berg, Anna"],
        "corporate_authors": ["Socialstyrelsen"],
        "publisher": [str(publisher.pk)],
        "year": ["2019"],
        "language": ["sv"],
        "url": ["https://example.org/rapport"],
        "isbn": ["9780306406157"],
        "doi": ["10.1000/abc"],
        "visibility": ["alla"],
    }
    assert (second.problems, second.can_be_kept) == (["Titel saknas."], False)


def test_bibtex_is_read_also_what_stands_around_a_broken_entry():
    rows = read(BIB)
    assert told(rows) == [
        ("Att Bo själv", True),
        ("Samma nyckel", True),
        ("", False),
        ("Efter den trasiga", True),
    ]
    assert rows[0].payload["authors"] == ["Berg, Anna"]
    assert rows[0].payload["corporate_authors"] == ["Stockholms stad"]
    assert "kontrollsiffran är fel" in rows[1].problems[0]
    assert rows[1].payload["isbn"] == ["978-0-306-40615-8"]
    (problem,) = rows[2].problems
    assert problem.startswith("En klammer eller ett citattecken saknas: rad 4, ”@article{b, title")
    assert rows[3].payload["issn"] == ["0378-5955"]


@pytest.mark.parametrize(
    ("author", "people", "organisations"),
    [
        ("Anna Berg and others", ["Berg, Anna"], []),
        (
            "Öberg, Åsa and {Institutet för stöd and vård}",
            ["Öberg, Åsa"],
            ["Institutet för stöd and vård"],
        ),
        (r"{Stöd \} vård} and Anna Berg", ["Berg, Anna"], ["Stöd } vård"]),
    ],
)
def test_authors_are_told_apart_outside_braces_alone(author, people, organisations):
    (row,) = read("@book{a, title={Att bo}, author={" + author + "}}")
    assert row.payload.get("authors", []) == people
    assert row.payload.get("corporate_authors", []) == organisations


@pytest.mark.parametrize(
    "command",
    [r"\href{a}", r"\sqrt", r"\footnote", r"\begin{array}", r"\title", "{" * 500 + "}" * 500],
)
def test_latex_that_makes_no_sense_is_shown_as_it_stands(command):
    (row,) = read("@book{a, title={Att bo " + command + "}, year=2020}")
    assert row.payload["title"][0].startswith("Att bo")


def test_a_series_that_the_portal_told_is_read_again():
    (row,) = read("TY  - RPRT\nTI  - Att bo\nT3  - Rapporter\nER  - \n")
    assert row.payload["series"] == ["Rapporter"]


def test_numbers_in_drafts_are_the_same_however_they_are_written():
    draft = make_library_draft(isbn=["978-0-306-40615-7"])
    (row,) = read("@book{x, title={Annat}, isbn={0306406152}}")
    assert row.same == draft


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ({"doi": "10.1000/abc"}, "TY  - RPRT\nTI  - Annat\nDO  - 10.1000/ABC\nER  - \n"),
        ({"isbn": "9780306406157"}, "@book{x, title={Annat}, isbn={0306406152}}"),
        ({"title": "Att bo", "year": 2020}, "@book{x, title={ATT  BO}, year={2020}}"),
    ],
)
def test_what_is_in_the_library_already_is_told(answers, text):
    item = make_item(**answers)
    (row,) = read(text)
    assert (row.same, row.is_new) == (item, False)


def test_what_is_being_written_and_what_stands_above_in_the_list_is_told():
    draft = make_library_draft(title=["Att bo"], year=["2020"])
    same = "@book{%s, title={Att bo}, year=2020}\n"
    rows = read(same % "a" + same % "b" + "@book{c, title={Ny}}")
    assert [(row.same, row.same_row, row.is_new) for row in rows] == [
        (draft, None, False),
        (draft, 1, False),
        (None, None, True),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff@book{x, title={Året på ö}}".encode(),
        "@book{x, title={Året på ö}}".encode("latin-1"),
        "@book{x, title={Året på ö}}".encode("utf-16"),
        "TY  - BOOK\r\nTI  - Året på ö\r\nER  - \r\n".encode(),
        "TY - BOOK\nT1 - Året på ö".encode("cp1252"),
    ],
)
def test_every_encoding_that_such_files_come_in(client, curator, content):
    response = client.post(HERE, {"file": SimpleUploadedFile("lista.bib", content)})
    assert (response.status_code, "Året på ö" in html.unescape(response.content.decode())) == (
        200,
        True,
    )


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Välj en fil, eller klistra in referenserna."),
        ({"text": "Bara prosa."}, "Det gick inte att läsa någon referens."),
        ({"text": "@"}, "Det gick inte att läsa någon referens."),
        ({"text": "@book{x, title={Hej}} 19811218-9876"}, "personnummer"),
        (
            {"text": "@book{x, title={Hej}}\n" * 5000},
            "Listan har 5000 referenser. Läs in högst 500 åt gången",
        ),
        ({"text": "TY  - BOOK\nTI  - Hej\nER  - \n" * 5000}, "Listan har 5000 referenser."),
    ],
)
def test_what_cannot_be_read_is_told_and_what_was_pasted_stays(client, curator, sent, said):
    response = client.post(HERE, sent)
    markup = html.unescape(response.content.decode())
    assert (response.status_code, said in markup) == (422, True)
    assert sent.get("text", "").strip() in markup


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("lista.bib", b"", "Filen är tom."),
        ("lista.bib", b"@book{x, title={" + b"x" * 2_100_000 + b"}}", "Filen är för stor"),
        ("lista.bib", b"\x00\x01\x02\xff" * 100, "Det gick inte att läsa någon referens."),
        ("../x.bib", b"@comment{}", "Det gick inte att läsa"),
    ],
)
def test_files_that_are_refused(client, curator, name, content, said):
    response = client.post(HERE, {"file": SimpleUploadedFile(name, content)})
    assert (response.status_code, said in text_of(response.content.decode())) == (422, True)


def test_a_row_with_a_personnummer_is_not_kept():
    (row,) = read("@book{x, title={Hej}, abstract={Kalle 19811218-9876 bor bra}}")
    assert (row.can_be_kept, "personnummer" in row.problems[0]) == (False, True)


def preview(client: Client, text: str) -> dict[str, Any]:
    markup = client.post(HERE, {"text": text}).content.decode()
    carried = re.search(r'name="rader" value="([^"]*)"', markup)
    ticked = re.findall(r'name="rad" value="(\d+)" checked', markup)
    return {"rader": html.unescape(carried[1]), "rad": ticked}


def test_those_that_are_ticked_become_drafts_once(client, curator):
    make_item(title="Samma nyckel", year=2021)
    sent = preview(client, BIB)
    assert sent["rad"] == ["1", "4"]
    for _ in range(2):
        assert client.post(f"{HERE}spara/", sent).url == "/redaktion/bibliotek/"
    drafts = Draft.objects.order_by("pk")
    assert [draft.title for draft in drafts] == ["Att Bo själv", "Efter den trasiga"]
    assert {draft.created_by for draft in drafts} == {curator}
    none = client.post(f"{HERE}spara/", {"rader": sent["rader"]})
    assert (none.url, Draft.objects.count()) == (HERE, 2)


@pytest.mark.parametrize("spoil", ["", "x", "hej:nej"])
def test_a_preview_that_was_tampered_with_saves_nothing(client, curator, spoil):
    response = client.post(f"{HERE}spara/", {"rader": spoil, "rad": ["1"]})
    assert (response.status_code, Draft.objects.count()) == (422, 0)


def test_a_preview_is_its_readers_own(client, curator):
    sent, other = preview(client, BIB), Client()
    other.force_login(make_curator("annan@example.org"))
    assert other.post(f"{HERE}spara/", sent).status_code == 422


@given(st.text(max_size=200))
def test_whatever_is_read_gives_rows_or_a_sentence(text):
    for start in ("TY  - BOOK\n", "@book{", "@article{a, title={"):
        try:
            rows = read(start + text)
        except NotReferences:
            continue
        assert all(row.can_be_kept or row.problems for row in rows)
