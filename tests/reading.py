"""Answers as a visitor reads them: the text of pages, tables, workbooks and sheets."""

import csv
import html
import io
import json
import re
import zipfile
from typing import Any

import pypdfium2
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from openpyxl import load_workbook


def body(response: Any) -> bytes:
    """What was sent, read to its end; the test client then closes it."""
    return b"".join(response)


def close(response: Any) -> None:
    """End an answer that no test client asked for; Django would look to its connections."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def page(client: Client, address: str, **extra: Any) -> str:
    """The HTML that an address answers."""
    return body(client.get(address, **extra)).decode()


def text_of(markup: str) -> str:
    """HTML as running text."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def titles(client: Client, query: str = "") -> list[str]:
    """The names of the projects on the list, in order."""
    markup = page(client, f"/inventering/{query}")
    rows = re.findall(r'<li class="row">.*?<h3><a href="[^"]*">(.*?)</a></h3>', markup, re.S)
    return [html.unescape(row) for row in rows]


def csv_rows(response: Any) -> list[dict[str, str]]:
    """The rows of a CSV file by column."""
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def xlsx_rows(response: Any) -> list[dict[str, Any]]:
    """The rows of an Excel file by column."""
    head, *rows = load_workbook(io.BytesIO(body(response))).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def json_rows(response: Any) -> list[dict[str, Any]]:
    """The items of a JSON file."""
    return json.loads(body(response))["itemListElement"]


def pdf_text(content: bytes) -> str:
    """All text of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        return " ".join(sheet.get_textpage().get_text_bounded() for sheet in document)
    finally:
        document.close()


def everything_in(content: bytes) -> str:
    """All that can be read out of an answer: packed files unpacked, escapes resolved."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(content)
        told = json.dumps(document.get_metadata_dict(), ensure_ascii=False)
        document.close()
        return pdf_text(content) + told
    return html.unescape(content.decode("utf-8", "backslashreplace"))
