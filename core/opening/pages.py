"""The text of each page of a PDF, so that the search can find it."""

import sys
from typing import BinaryIO

import pypdfium2

from core.opening import END_OF_PAGE, MOST_LETTERS, MOST_LETTERS_IN_ALL, MOST_PAGES, pdf

# Where a line ends with a hyphen PDFium gives U+FFFE instead of both; U+2010 it leaves as it is.
_HYPHENS = {0xFFFE: "-\n", 0x2010: "-", 0x2011: "-"}


def print_pages(file: BinaryIO) -> None:
    """Write the pages on standard output, each with its end. Raises Unfit as pdf.opened does."""
    left = MOST_LETTERS_IN_ALL
    with pdf.opened(file.read()) as document:
        for number in range(min(len(document), MOST_PAGES)):
            text = _text_of(document, number)[: min(left, MOST_LETTERS)]
            sys.stdout.buffer.write(f"{text}{END_OF_PAGE}".encode())
            left -= len(text)
            if not left:
                return


def _text_of(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
        try:
            text: str = page.get_textpage().get_text_range()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""  # the others are read all the same
    return text.replace(END_OF_PAGE, "\n").translate(_HYPHENS)
