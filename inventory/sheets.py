"""Fact sheets as tagged PDF."""

from pathlib import Path
from typing import Any

from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css" / "faktablad.css"


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
