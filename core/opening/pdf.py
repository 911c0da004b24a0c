"""PDF: it opens, it is not locked, it runs nothing and carries nothing.

Scripts hide behind escapes, in compressed objects and under filters. Instead of following them
there, PDFium reads the file and writes it anew: every object plain, at the place that its own
table tells. That copy is what is searched.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw

from core.opening import Unfit, Verdict

# Actions that run a script, start a program, send what was typed somewhere or fill in from a file;
# forms and media that carry scripts of their own; files within the file, which nobody has checked.
FORBIDDEN = {
    **dict.fromkeys((b"JavaScript", b"JS", b"Launch", b"XFA", b"RichMedia"), Verdict.SCRIPT),
    **dict.fromkeys((b"SubmitForm", b"ImportData"), Verdict.SCRIPT),
    **dict.fromkeys((b"EmbeddedFile", b"EF", b"GoToE"), Verdict.FILES_INSIDE),
}
# Where a reader finds objects that PDFium does not. Short names turn up in packed bytes by chance.
_FORBIDDEN_ANYWHERE = re.compile(
    rb"/(JavaScript|Launch|RichMedia|SubmitForm|ImportData|EmbeddedFile|GoToE)\b"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_PLACE = re.compile(rb"^(\d{10}) \d{5} n", re.M)
_TOKEN = re.compile(rb"\(|%[^\r\n]*|/[^\0\t\n\f\r ()<>\[\]{}/%]*|\bstream\r?\n")
_IN_STRING = re.compile(rb"\\.|[()]", re.S)


def open_pdf(file: BinaryIO) -> None:
    """Raise Unfit unless it is a PDF that opens and does nothing."""
    content = file.read()
    if found := _FORBIDDEN_ANYWHERE.search(_unescaped(content)):
        raise Unfit(FORBIDDEN[found[1]])
    for name in names_in(_written_anew(content)):
        if name in FORBIDDEN:
            raise Unfit(FORBIDDEN[name])


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The document, as long as it is used. Raises Unfit for one that is broken or locked."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as problem:
        locked = {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}
        raise Unfit(Verdict.LOCKED if problem.err_code in locked else Verdict.BROKEN) from problem
    try:
        # Opened without a password, and yet its contents cannot be searched.
        if pypdfium2.raw.FPDF_GetSecurityHandlerRevision(document) != -1:
            raise Unfit(Verdict.LOCKED)
        yield document
    except (pypdfium2.PdfiumError, IndexError) as problem:
        raise Unfit(Verdict.BROKEN) from problem
    finally:
        document.close()


def _written_anew(content: bytes) -> bytes:
    written = io.BytesIO()
    with opened(content) as document:
        document[0].close()
        document.save(written, flags=pypdfium2.raw.FPDF_NO_INCREMENTAL)
    return written.getvalue()


def names_in(written: bytes) -> Iterator[bytes]:
    """The names in all objects of a file as PDFium writes it, not those in texts and streams."""
    table = int(written[written.rindex(b"startxref") + 9 :].split()[0])
    places = sorted(int(found[1]) for found in _PLACE.finditer(written, table))
    for start, end in pairwise([*places, table]):
        yield from _names_in_object(written, start, end)


def _names_in_object(written: bytes, at: int, end: int) -> Iterator[bytes]:
    while found := _TOKEN.search(written, at, end):
        at = found.end()
        if found[0] == b"(":
            at = _after_string(written, at, end)
        elif found[0].startswith(b"/"):
            yield _unescaped(found[0][1:])
        elif found[0].startswith(b"stream"):
            return


def _after_string(written: bytes, at: int, end: int) -> int:
    depth = 1
    while depth and (found := _IN_STRING.search(written, at, end)):
        at = found.end()
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
    return at if not depth else end


def _unescaped(raw: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), raw)
