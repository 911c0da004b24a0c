"""A unit's own list in Excel, as it really looks, is read into answers."""

import datetime
import io

import pytest
from openpyxl import Workbook, load_workbook

from inventory.spreadsheets import (
    HEADINGS,
    MOST_ROWS,
    NotASpreadsheet,
    ReadRow,
    as_date,
    read,
    template,
)
from library.models import Theme
from tests.factories import make_district, make_term, make_unit

pytestmark = pytest.mark.django_db


def sheet_of(*rows: tuple, merged: str = "") -> io.BytesIO:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


@pytest.fixture
def unit():
    return make_unit("Enheten för boendestöd", make_district("Farsta"))


def rows_of(unit, *rows: tuple, merged: str = "") -> list[ReadRow]:
    return read(sheet_of(*rows, merged=merged), [unit])


def told(row: ReadRow) -> list[tuple[str, str]]:
    return [(problem.heading, problem.text) for problem in row.problems]


def test_a_tidy_row_becomes_answers(unit):
    theme = make_term(Theme, "Boende")
    (row,) = rows_of(
        unit,
        ("Namn", "Typ", "Läge", "Start", "Tema", "Antal nådda"),
        ("Kvällsstöd", "Verksamhet", "Pågår", 2014, "Boende", 40.0),
    )
    assert row.problems == []
    assert row.unit == unit.pk
    assert row.payload == {
        "title": ["Kvällsstöd"],
        "kind": ["verksamhet"],
        "status": ["pagar"],
        "start_date": ["2014"],
        "themes": [str(theme.pk)],
        "reach_actual": ["40"],
    }


def test_air_case_and_empty_rows_do_not_matter(unit):
    found = rows_of(
        unit,
        ("Vår lista 2026",),
        (None,),
        (" namn * ", "LÄGE:"),
        ("  Kvällsstöd\u00a0", " pågår "),
        (None, None),
        ("", "  "),
        ("Frukost", "Planeras"),
    )
    assert [(row.number, row.title, row.payload["status"]) for row in found] == [
        (4, "Kvällsstöd", ["pagar"]),
        (7, "Frukost", ["planeras"]),
    ]


def test_a_merged_cell_says_the_same_in_each_of_its_rows(unit):
    found = rows_of(
        unit,
        ("Namn", "Läge"),
        ("Kvällsstöd", "Pågår"),
        ("Frukost", None),
        merged="B2:B3",
    )
    assert [row.payload["status"] for row in found] == [["pagar"], ["pagar"]]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        (2014, "2014"),
        ("2014", "2014"),
        ("2014-09", "2014-09"),
        ("2014-9-1", "2014-09-01"),
        ("1/9 2014", "2014-09-01"),
        ("01.09.2014", "2014-09-01"),
        ("20140901", "2014-09-01"),
        ("september 2014", "2014-09"),
        ("1 sept 2014", "2014-09-01"),
        ("Sep. 2014", "2014-09"),
        (datetime.datetime(2014, 9, 1), "2014-09-01"),
        ("hösten 2014", ""),
        ("31/2 2014", ""),
        ("ma 2014", ""),
        ("", ""),
    ],
)
def test_dates_are_read_as_they_are_written(cell, date):
    assert as_date(cell) == date


def test_what_is_no_date_stands_as_it_was_and_is_told(unit):
    (row,) = rows_of(unit, ("Namn", "Start"), ("Kvällsstöd", "hösten 2014"))
    assert row.payload["start_date"] == ["hösten 2014"]
    assert told(row) == [("Start", "Skriv ett datum som 2015, 2015-09 eller 2015-09-01.")]


def test_an_unknown_word_is_told_with_the_nearest(unit):
    make_term(Theme, "Boende")
    (row,) = rows_of(
        unit, ("Namn", "Läge", "Tema"), ("Kvällsstöd", "Pågor", "Boende; Månfärder\nboende")
    )
    assert told(row) == [
        ("Läge", "”Pågor” finns inte bland orden. Menar ni ”Pågår”?"),
        ("Tema", "”Månfärder” finns inte bland orden att välja."),
    ]
    assert len(row.payload["themes"]) == 1
    assert "status" not in row.payload


def test_an_unknown_unit_is_told_with_the_nearest_of_ones_own(unit):
    other = make_unit("Träfflokalen", unit.parent)
    file = sheet_of(
        ("Namn", "Enhet"),
        ("Ett", "enheten för boendestöd"),
        ("Två", "Enheten för bostöd"),
        ("Tre", None),
    )
    one, two, three = read(file, [unit, other])
    assert (one.unit, one.problems) == (unit.pk, [])
    text = "”Enheten för bostöd” finns inte bland orden. Menar ni ”Enheten för boendestöd”?"
    assert (two.unit, told(two)) == (None, [("Enhet", text)])
    assert told(three) == [("Enhet", "Skriv vilken av era enheter det gäller.")]


def test_a_number_that_is_no_count_is_told(unit):
    (row,) = rows_of(unit, ("Namn", "Antal nådda"), ("Kvällsstöd", -3))
    assert [heading for heading, _ in told(row)] == ["Antal nådda"]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (1200, ""),
        (1200.0, ""),
        ("1 200", ""),
        ("1\u00a0200", ""),
        (12.5, "Skriv ett helt antal med siffror, till exempel 250000."),
        ("12,5", "Skriv ett helt antal med siffror, till exempel 250000."),
        ("1.200", "Skriv ett helt antal med siffror, till exempel 250000."),
        ("1e5", "Skriv ett helt antal med siffror, till exempel 250000."),
        ("-3", "Antalet kan inte vara mindre än 0."),
        (3_000_000_000, "Talet är för stort. Skriv högst två miljarder."),
    ],
)
def test_a_count_is_read_as_it_is_written(unit, cell, problem):
    (row,) = rows_of(unit, ("Namn", "Antal nådda"), ("Kvällsstöd", cell))
    assert told(row) == ([("Antal nådda", problem)] if problem else [])


def test_a_personnummer_is_told(unit):
    (row,) = rows_of(unit, ("Namn", "Behov"), ("Kvällsstöd", "Det gällde 19121212-1212."))
    assert [heading for heading, _ in told(row)] == ["Behov"]


def test_a_row_without_a_name_is_told(unit):
    (row,) = rows_of(unit, ("Namn", "Läge"), (None, "Pågår"))
    assert told(row) == [("Namn", "Namnet saknas.")]


@pytest.mark.parametrize(
    ("rows", "begins"),
    [
        ([("Rubrik",), ("Något",)], "Rubriken ”Namn” saknas."),
        ([("Namn", "Läge")], "Listan är tom"),
        ([("Namn",)] + [("Något",)] * (MOST_ROWS + 1), "Listan har 301 rader."),
    ],
)
def test_a_list_that_cannot_be_read_is_told_in_a_sentence(unit, rows, begins):
    with pytest.raises(NotASpreadsheet) as told:
        rows_of(unit, *rows)
    assert str(told.value).startswith(begins)


def test_what_is_no_excel_file_is_told(unit):
    with pytest.raises(NotASpreadsheet):
        read(io.BytesIO(b"PK\x03\x04 not really"), [unit])


def test_the_template_has_every_heading_and_its_words_and_can_be_filled_in(unit):
    make_term(Theme, "Boende")
    book = load_workbook(io.BytesIO(template()))
    sheet, words = book.worksheets
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    column = list(HEADINGS).index("Tema") + 1
    assert [words.cell(row, column).value for row in (1, 2)] == ["Tema", "Boende"]
    sheet.append(["Kvällsstöd"])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    assert [row.title for row in read(file, [unit])] == ["Kvällsstöd"]


def test_a_sheet_whose_whole_columns_are_merged_is_refused_before_it_is_read(unit):
    book = Workbook()
    book.active.append(("Namn",))
    book.active.merged_cells.add("B1:C1048576")
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    with pytest.raises(NotASpreadsheet) as told:
        read(file, [unit])
    assert str(told.value).startswith("Listan är för stor")
