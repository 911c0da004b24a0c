"""Tables as CSV, Excel and JSON files that cannot carry formulas into a spreadsheet."""

import csv
import datetime
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from django.http import FileResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

# A cell that begins so is run as a formula by some spreadsheet (OWASP, CSV injection).
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n")
# Characters that XML 1.0 cannot hold.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

CSV_TYPE = "text/csv; charset=utf-8"
JSON_TYPE = "application/json; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Row = Mapping[str, Any]


def cell_text(value: Any) -> str:
    """A value as text: lists joined by "; ", None empty."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "; ".join(str(part) for part in value)
    return str(value)


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_START) else text


class _Line:
    """A file whose write returns the text: csv.writer then makes lines one at a time."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """CSV with a byte order mark and semicolons, as Swedish spreadsheets open it."""
    writer = csv.writer(_Line(), delimiter=";")
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow(
            value if isinstance(value := row[column], int) else harmless(cell_text(value))
            for column in columns
        )


def attachment(response: Any, filename: str) -> Any:
    """Name the file, and let nobody keep it: an export is of its moment."""
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response


def csv_response(
    filename: str, columns: Sequence[str], rows: Iterable[Row]
) -> StreamingHttpResponse:
    """The rows as a streamed CSV file."""
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type=CSV_TYPE)
    return attachment(response, filename)


def json_parts(head: Mapping[str, Any], key: str, items: Iterable[Any]) -> Iterator[str]:
    """A JSON object with `head` and, last, a list under `key`, one item at a time."""
    yield json.dumps(dict(head), ensure_ascii=False)[:-1] + f', "{key}": ['
    separator = "\n"
    for item in items:
        yield separator + json.dumps(item, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def json_response(
    filename: str, head: Mapping[str, Any], key: str, items: Iterable[Any]
) -> StreamingHttpResponse:
    """A streamed JSON file, UTF-8 unescaped."""
    response = StreamingHttpResponse(json_parts(head, key, items), content_type=JSON_TYPE)
    return attachment(response, filename)


def write_xlsx(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write the rows as an Excel file; text is always text, never a formula.

    Row by row by way of the disk: the memory is the same however many there are.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Urval")
    sheet.freeze_panes = "A2"

    def cell(value: Any, *, bold: bool = False) -> Any:
        if isinstance(value, (int, float, datetime.datetime)) and not isinstance(value, bool):
            return WriteOnlyCell(sheet, value=value)
        made = WriteOnlyCell(sheet, value=_NOT_XML.sub("", cell_text(value))[:32_767])
        made.data_type = "s"
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(column, bold=True) for column in columns])
    try:
        for row in rows:
            sheet.append([cell(row[column]) for column in columns])
    except BaseException:
        with tempfile.TemporaryFile() as nowhere:
            book.save(nowhere)  # which is how openpyxl removes its own file
        raise
    book.save(file)


def xlsx_response(filename: str, columns: Sequence[str], rows: Iterable[Row]) -> FileResponse:
    """The rows as an Excel file, written before the answer begins."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write_xlsx(file, columns, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return attachment(FileResponse(file, content_type=XLSX_TYPE), filename)
