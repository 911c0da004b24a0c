"""Sheets of paper: pages that are printed as tagged PDF.

A sheet is a template that extends `_parts/sheet.html`.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.errors import error_page, too_many
from core.visitors import Limit, address

CSS = Path(settings.BASE_DIR) / "static" / "css" / "faktablad.css"

# Making one takes a second of a processor.
limit = Limit("faktablad", times=settings.EXPORTS_PER_MINUTE, seconds=60)


class NoPrinter(Exception):
    """The machine lacks what WeasyPrint needs (Pango)."""


def pdf(html: str) -> bytes:
    """A tagged PDF (PDF/UA-1) of a page that needs nothing from outside.

    Raises NoPrinter where WeasyPrint's system libraries are missing.
    """
    try:
        import weasyprint  # loads Pango: slow, and not everywhere
    except OSError as missing:
        raise NoPrinter from missing

    class NothingOutside(weasyprint.URLFetcher):
        """Refuses every address: a sheet must not read files or the network."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """Always refuse."""
            raise ValueError(f"Not fetched: {url}")

    document = weasyprint.HTML(string=html, url_fetcher=NothingOutside())
    style = weasyprint.CSS(string=CSS.read_text(encoding="utf-8"))
    made = document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True)
    assert isinstance(made, bytes)  # noqa: S101 - no target was given
    return made


def wait(request: HttpRequest) -> HttpResponse | None:
    """The answer to who asks for too many sheets; ask before one is written."""
    seconds = limit.wait(address(request))
    return too_many(request, seconds) if seconds else None


def answer(html: str, *, name: str, page: str) -> HttpResponse:
    """The sheet as a file of that name; where nothing can print it, a way to the page itself."""
    try:
        made = pdf(html)
    except NoPrinter:
        return error_page(503, print_page=page)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
