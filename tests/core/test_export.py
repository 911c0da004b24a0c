"""Files that carry text, and nothing that a spreadsheet would run."""

import csv
import datetime
import io
import json
import tempfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from core.export import (
    cell_text,
    csv_lines,
    csv_response,
    json_parts,
    json_response,
    write_xlsx,
    xlsx_response,
)
from tests.reading import body, close

FORMULAS = ["=1+1", "+46", "-1", "@SUMMA(A1)", "\t=1+1", "\r=1+1", "\n=1+1", '=HYPERLINK("x")']
# All that a database can hold: no NUL, no lone surrogates.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def read_csv(lines) -> list[list[str]]:
    text = "".join(lines)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))


def read_xlsx(rows) -> list[list]:
    response = xlsx_response("prov.xlsx", list(rows[0]), rows)
    sheet = load_workbook(io.BytesIO(body(response))).active
    close(response)
    return [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows(min_row=2)]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_puts_an_apostrophe_before_what_looks_like_a_formula(text):
    assert read_csv(csv_lines(["namn"], [{"namn": text}])) == [["namn"], [f"'{text}"]]


@pytest.mark.parametrize(
    "text", ["Boendestöd", "1+1=2", "'=1", "a;b", 'sa ”hej” och "hej"', "a\nb"]
)
def test_csv_leaves_other_text_as_it_is(text):
    assert read_csv(csv_lines(["namn"], [{"namn": text}])) == [["namn"], [text]]


def test_csv_writes_numbers_lists_and_nothing():
    row = {"a": -12, "b": ["Boende", "Hemlöshet"], "c": None, "d": datetime.date(2015, 9, 1)}
    assert read_csv(csv_lines(list(row), [row]))[1] == [
        "-12",
        "Boende; Hemlöshet",
        "",
        "2015-09-01",
    ]


@given(TEXTS)
def test_csv_never_begins_a_cell_with_a_formula_and_loses_nothing(text):
    (_, [cell, end]) = read_csv(csv_lines(["namn", "slut"], [{"namn": text, "slut": "."}]))
    assert (cell.removeprefix("'"), end) == (text.removeprefix("'"), ".")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_csv_gives_one_line_at_a_time():
    made = []
    rows = ({"namn": made.append(number) or number} for number in range(3))
    lines = csv_lines(["namn"], rows)
    next(lines), next(lines)
    assert made == [0]


@pytest.mark.parametrize("text", FORMULAS)
def test_excel_holds_what_looks_like_a_formula_as_text(text):
    assert read_xlsx([{"namn": text}]) == [[(text.replace("\r", "\n"), "s")]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, (12, "n")),
        (-1.5, (-1.5, "n")),
        (datetime.date(2015, 9, 1), ("2015-09-01", "s")),
        (True, ("True", "s")),
        (["a", "b"], ("a; b", "s")),
        ("#N/A", ("#N/A", "s")),
        ("2015-09-01", ("2015-09-01", "s")),
        ("a\x00b\x08c\x1fd\ufffee", ("abcde", "s")),
        ("å ä ö 😀", ("å ä ö 😀", "s")),
    ],
)
def test_excel_holds_numbers_as_numbers_and_everything_else_as_readable_text(value, expected):
    assert read_xlsx([{"namn": value}]) == [[expected]]


def test_excel_cuts_a_text_at_what_a_cell_can_hold():
    (((value, _),),) = read_xlsx([{"namn": "å" * 40_000}])
    assert value == "å" * 32_767


@given(TEXTS)
def test_excel_can_hold_any_text_of_the_database(text):
    (((_, kind),),) = read_xlsx([{"namn": f"x{text}"}])
    assert kind == "s"


def test_json_is_whole_and_its_letters_are_not_escaped():
    items = [{"namn": "Åsa ”å” <b>"}, {"namn": "a\x00b"}]
    text = "".join(json_parts({"name": "KSI"}, "itemListElement", items))
    assert json.loads(text) == {"name": "KSI", "itemListElement": items}
    assert "Åsa ”å” <b>" in text


def test_ten_times_the_rows_take_no_more_memory():
    def most_held(count: int) -> int:
        rows = ({"x": f"{number} " * 200} for number in range(count))
        tracemalloc.start()
        with tempfile.TemporaryFile() as file:
            write_xlsx(file, ["x"], rows)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    most_held(1)  # what is read in once
    assert most_held(3000) < 1.5 * most_held(300)


def test_an_excel_file_that_fails_on_the_way_leaves_nothing_behind(tmp_path, monkeypatch):
    def rows():
        yield {"x": 1}
        raise ZeroDivisionError

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError), tempfile.TemporaryFile() as file:
        write_xlsx(file, ["x"], rows())
    assert list(tmp_path.iterdir()) == []


def test_json_of_nothing_is_an_empty_list():
    text = "".join(json_parts({"name": "KSI"}, "itemListElement", []))
    assert json.loads(text) == {"name": "KSI", "itemListElement": []}


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: csv_response("a.csv", ["x"], [{"x": 1}]), "text/csv; charset=utf-8"),
        (lambda: json_response("a.csv", {"x": 1}, "y", []), "application/json; charset=utf-8"),
        (
            lambda: xlsx_response("a.csv", ["x"], [{"x": 1}]),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_a_file_has_a_name_and_a_type_and_is_kept_by_nobody(make, kind):
    response = make()
    close(response)
    assert response["Content-Disposition"] == 'attachment; filename="a.csv"'
    assert (response["Content-Type"], response["Cache-Control"]) == (kind, "no-store")


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0, "0"), ([], ""), (("a", 1), "a; 1"), ("a", "a")]
)
def test_a_cell_is_text(value, text):
    assert cell_text(value) == text
