"""A unit's own list in Excel, read into answers: the template, its columns, and what cells mean.

Real lists are messy. What can be understood is: dates as text, words in another case, merged cells,
empty rows, air around. What cannot be is told by row and column, with a suggestion where one is
near, and nothing is guessed.
"""

import datetime
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from django import forms
from django.utils.dates import MONTHS
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml.functions import iterparse

from core.fields import PartialDate
from core.forms import clean_text
from core.payloads import Payload
from core.text import fold
from inventory.draft_forms import DraftForm
from inventory.questions import question_of
from people.models import Organisation

MOST_ROWS = 300
MOST_COLUMNS = 60
MOST_MERGED = 20_000  # cells
MOST_BYTES_OF_SHEETS = 20_000_000
SHEET = "Verksamheter"
UNIT = "enhet"

# Column's heading → form field, in the template's order.
HEADINGS = {
    "Namn": "title",
    "Enhet": UNIT,
    "Typ": "kind",
    "Kort på lätt svenska": "plain_summary",
    "Läge": "status",
    "Start": "start_date",
    "Slut": "end_date",
    "Behov": "need",
    "Målgrupp": "target_groups",
    "Tema": "themes",
    "Verksamhetsområde": "service_areas",
    "Insats": "interventions",
    "Vad görs": "activities",
    "Brukares och anhörigas medverkan": "user_involvement",
    "Uppföljning": "evaluation",
    "Resultat": "results",
    "Vad fungerade inte": "what_failed",
    "Råd till nästa": "advice",
    "Vad hände sedan": "continuation",
    "Antal nådda": "reach_actual",
    "Kontakt (funktion)": "contact_function",
    "Telefon": "contact_phone",
    "Funktionsbrevlåda": "contact_email",
}
REQUIRED = "Namn"


# What openpyxl raises for files that are none, or are broken inside.
UNREADABLE = (
    InvalidFileException,
    BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    OSError,
    SyntaxError,
)


class NotASpreadsheet(Exception):
    """The file cannot be read as a list; the sentence says why."""


@dataclass(frozen=True)
class Problem:
    """Something in a cell that is not understood."""

    heading: str
    typed: str
    text: str


@dataclass
class ReadRow:
    """One row of the list as answers, and what is wrong with it."""

    number: int  # as the spreadsheet counts
    payload: Payload = field(default_factory=dict)
    unit: int | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What it is called, as far as it is."""
        return (self.payload.get("title") or [""])[0]


def template() -> bytes:
    """An empty list with headings, a line that explains each, and the words to choose from."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101
    sheet.title = SHEET
    words = book.create_sheet("Ord att välja")
    form = DraftForm({})
    for place, (heading, name) in enumerate(HEADINGS.items(), start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = 28
        sheet.cell(1, place, heading).font = Font(bold=True)
        choices = list(labels(form.fields[name])) if name in form.fields else []
        if choices:
            words.column_dimensions[letter].width = 36
            words.cell(1, place, heading).font = Font(bold=True)
            for row, label in enumerate(choices, start=2):
                words.cell(row, place, label)
    sheet.freeze_panes = "B2"
    for cell in sheet[1]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def explained() -> Iterator[tuple[str, str]]:
    """Each heading and how it is filled in, for the page beside the template."""
    form = DraftForm({})
    for heading, name in HEADINGS.items():
        question = question_of(name)
        if name == UNIT:
            yield heading, "Behövs bara om listan gäller flera enheter."
        elif name.endswith("_date"):
            yield heading, "Ett år räcker: 2015, 2015-09 eller 2015-09-01."
        elif isinstance(form.fields[name], forms.ModelMultipleChoiceField):
            yield (
                heading,
                "Ett eller flera av orden i bladet ”Ord att välja”, med semikolon mellan.",
            )
        elif labels(form.fields[name]):
            yield heading, "Ett av orden i bladet ”Ord att välja”."
        else:
            yield heading, question.help if question else ""


def labels(form_field: forms.Field) -> dict[str, str]:
    """What can be chosen in a field: what it is called → its value; nothing for free text."""
    if isinstance(form_field, forms.ModelMultipleChoiceField):
        rows: Iterable[Any] = form_field.queryset or ()
        return {str(row): str(row.pk) for row in rows}
    if isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        return {str(label): str(value) for value, label in choices if value}
    return {}


# --- Reading --------------------------------------------------------------------------------------


def read(file: IO[bytes], units: Iterable[Organisation]) -> list[ReadRow]:
    """The rows of the list that say anything. Raises NotASpreadsheet."""
    try:
        _refuse_what_swells(file)
        book = load_workbook(file, data_only=True)
    except UNREADABLE as problem:
        raise NotASpreadsheet(
            "Filen går inte att läsa som en Excel-fil. Öppna den i Excel, spara som .xlsx och"
            " försök igen."
        ) from problem
    sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    if sheet.max_row > MOST_ROWS + 50 and _last_filled(sheet) > MOST_ROWS + 1:
        raise NotASpreadsheet(f"Listan har för många rader. Dela den: högst {MOST_ROWS} åt gången.")
    _unmerge(sheet)
    return _Reader(sheet, list(units)).rows()


def _refuse_what_swells(file: IO[bytes]) -> None:
    """Reading makes a cell of each that is merged or formatted: whole columns would fill memory."""
    too_much = NotASpreadsheet(
        "Listan är för stor: bladen har formaterade eller sammanfogade celler långt utanför listan."
        " Kopiera bara listan till mallen och försök igen."
    )
    with ZipFile(file) as archive:
        sheets = [each for each in archive.infolist() if each.filename.startswith("xl/worksheets/")]
        if sum(each.file_size for each in sheets) > MOST_BYTES_OF_SHEETS:
            raise too_much
        merged = 0
        for sheet in sheets:
            with archive.open(sheet) as opened:
                for _, element in iterparse(opened):
                    if element.tag.endswith("}mergeCell"):
                        area = CellRange(element.get("ref"))
                        merged += area.size["rows"] * area.size["columns"]
                    element.clear()
                    if merged > MOST_MERGED:
                        raise too_much
    file.seek(0)


def _last_filled(sheet: Any) -> int:
    """The last row in which anything stands: a formatted sheet may go on for a million."""
    return max(
        (row for (row, _), cell in sheet._cells.items() if cell.value is not None), default=0
    )


def _unmerge(sheet: Any) -> None:
    """Let each cell of a merged area say what the area says."""
    for area in list(sheet.merged_cells.ranges):
        value = sheet.cell(area.min_row, area.min_col).value
        bounds = (area.min_row, area.max_row, area.min_col, area.max_col)
        sheet.unmerge_cells(str(area))
        top, bottom, left, right = bounds
        for row in range(top, min(bottom, MOST_ROWS + 50) + 1):
            for column in range(left, min(right, MOST_COLUMNS) + 1):
                sheet.cell(row, column).value = value


class _Reader:
    """A sheet, its headings, and the words that its cells may hold."""

    def __init__(self, sheet: Any, units: list[Organisation]) -> None:
        self.sheet = sheet
        self.units = units
        self.form = DraftForm({})
        self.first, self.columns = self._headings()

    def _headings(self) -> tuple[int, dict[int, str]]:
        """The row after the headings, and column → heading. They may stand a few rows down."""
        known = {fold(heading): heading for heading in HEADINGS}
        for number, row in enumerate(
            self.sheet.iter_rows(min_row=1, max_row=20, max_col=MOST_COLUMNS), start=1
        ):
            found = {
                cell.column: known[told]
                for cell in row
                if (told := fold(written(cell.value).rstrip(" *:"))) in known
            }
            if REQUIRED in found.values():
                return number + 1, found
        raise NotASpreadsheet(
            f"Rubriken ”{REQUIRED}” saknas. Använd mallens rubriker överst i varje kolumn, eller"
            " hämta mallen och klistra in er lista där."
        )

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """Field → what can be chosen there, folded → value."""
        return {name: labels(each) for name, each in self.form.fields.items()}

    def rows(self) -> list[ReadRow]:
        """Those that say anything. Raises NotASpreadsheet when none does, or too many do."""
        found = []
        last = min(_last_filled(self.sheet), self.first + MOST_ROWS + 50)
        for number in range(self.first, last + 1):
            cells = {
                heading: self.sheet.cell(number, column).value
                for column, heading in self.columns.items()
            }
            if any(written(value) for value in cells.values()):
                found.append(self._row(number, cells))
        if not found:
            raise NotASpreadsheet("Listan är tom: under rubrikerna står ingenting.")
        if len(found) > MOST_ROWS:
            raise NotASpreadsheet(
                f"Listan har {len(found)} rader. Dela den: högst {MOST_ROWS} åt gången."
            )
        return found

    def _row(self, number: int, cells: dict[str, Any]) -> ReadRow:
        row = ReadRow(number, unit=self.units[0].pk if len(self.units) == 1 else None)
        for heading, value in cells.items():
            if text := written(value):
                self._cell(row, heading, text, value)
        if not row.title:
            row.problems.append(Problem(REQUIRED, "", "Namnet saknas."))
        if row.unit is None and not any(each.heading == "Enhet" for each in row.problems):
            told = "Skriv vilken av era enheter det gäller."
            row.problems.append(Problem("Enhet", "", told))
        self._check(row)
        return row

    def _cell(self, row: ReadRow, heading: str, text: str, value: Any) -> None:
        name = HEADINGS[heading]
        if name == UNIT:
            row.unit = self._unit(row, text)
        elif name.endswith("_date"):
            row.payload[name] = [as_date(value) or text]
        elif words := self.words.get(name):
            many = isinstance(self.form.fields[name], forms.ModelMultipleChoiceField)
            parts = re.split(r"[;\n]", text) if many else [text]
            chosen = (self._chosen(row, heading, words, part.strip()) for part in parts)
            if values := [each for each in chosen if each]:
                row.payload[name] = sorted(set(values))
        else:
            row.payload[name] = [text]

    def _chosen(self, row: ReadRow, heading: str, words: dict[str, str], text: str) -> str:
        if not text:
            return ""
        folded = {fold(label): value for label, value in words.items()}
        if (value := folded.get(fold(text))) is not None:
            return value
        row.problems.append(Problem(heading, text, not_known(text, words)))
        return ""

    def _unit(self, row: ReadRow, text: str) -> int | None:
        for unit in self.units:
            if unit.is_called(text):
                return unit.pk
        names = [name for unit in self.units for name in (unit.name, unit.short_name) if name]
        row.problems.append(Problem("Enhet", text, not_known(text, names)))
        return None

    def _check(self, row: ReadRow) -> None:
        """What the form itself would say of the answers."""
        by_name = {name: heading for heading, name in HEADINGS.items()}
        for name, texts in DraftForm(row.payload).malformed.items():
            if name in by_name:
                typed = "; ".join(row.payload.get(name, ()))
                row.problems += [Problem(by_name[name], typed, text) for text in texts]


def not_known(text: str, words: Iterable[str]) -> str:
    """That a word is not among those that can be chosen, and which may have been meant."""
    near = get_close_matches(fold(text), [fold(word) for word in words], n=1, cutoff=0.6)
    meant = next((word for word in words if near and fold(word) == near[0]), "")
    if meant:
        return f"”{text}” finns inte bland orden. Menar ni ”{meant}”?"
    return f"”{text}” finns inte bland orden att välja."


def written(value: Any) -> str:
    """What stands in a cell, as text without air around it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime.datetime):
        value = value.date() if value.time() == datetime.time() else value
    return clean_text(str(value)).replace("\u00a0", " ").strip()


_NAMED = {str(name).lower(): number for number, name in MONTHS.items()}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
_SWEDISH = re.compile(r"(\d{1,2})[/.](\d{1,2})[-/. ](\d{4})")
_DENSE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SPOKEN = re.compile(r"(?:(\d{1,2})\s+)?([a-zåäö]+)\.?\s+(\d{4})")


def as_date(value: Any) -> str:
    """A cell's date as the form takes it; nothing when it is none that can be trusted."""
    if isinstance(value, datetime.datetime | datetime.date):
        return f"{value:%Y-%m-%d}"
    text = written(value).lower()
    if match := _ISO.fullmatch(text):
        parts = [match[1], *(part.zfill(2) for part in match.groups()[1:] if part)]
    elif match := _SWEDISH.fullmatch(text):
        parts = [match[3], match[2].zfill(2), match[1].zfill(2)]
    elif match := _DENSE.fullmatch(text):
        parts = list(match.groups())
    elif (match := _SPOKEN.fullmatch(text)) and (month := _month(match[2])):
        parts = [match[3], f"{month:02}", *([match[1].zfill(2)] if match[1] else [])]
    else:
        parts = [text]
    try:
        return str(PartialDate("-".join(parts)))
    except ValueError:
        return ""


def _month(name: str) -> int:
    """Of "september", "sept" or "sep"; 0 for anything else."""
    found = [number for full, number in _NAMED.items() if full.startswith(name) and len(name) >= 3]
    return found[0] if len(found) == 1 else 0
