"""Word, PowerPoint, Excel and OpenDocument: zip files with a known inside."""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from core.opening import Unfit, Verdict, markup, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and today's when it is locked
LOCKED_OLE = "EncryptedPackage".encode("utf-16-le")
ZIP = b"PK\x03\x04"
PROGRAM = b"MZ"
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x01\0\0\0", b"\xd7\xcd\xc6\x9a")  # EMF, WMF

MOST_KEPT = 4 * 1024**2  # of the lists of parts and relations; real ones take tens of kB
MOST_EMBEDDED = 32 * 1024**2  # unpacked in memory, one at a time

TYPES = "[content_types].xml"
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
MACRO_FILES = (".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm")
MACRO_FOLDERS = ("/basic/", "/scripts/", "/activex/", "/macrosheets/")

# Names and document types cannot be written with escapes. Neither format has use for entities,
# which grow without end when they are resolved.
ENTITY, DOCUMENT_TYPE = b"<!ENTITY", b"<!DOCTYPE"
DDE_LINKS = {b"<ddeLink", b":ddeLink"}
FIELDS = {b"nstrText", b"fldSimple"}  # instrText, delInstrText
NOTABLE = {ENTITY, DOCUMENT_TYPE, *DDE_LINKS, *FIELDS}
# A drawing from another program and the settings of a Mac's printer begin with a document type.
TYPED = re.compile(r"\.svg$|/printersettings/", re.I)


def open_docx(file: BinaryIO) -> None:
    """Raise Unfit unless it is a Word document without macros."""
    _open_ooxml(file, "wordprocessingml.document.main+xml")


def open_pptx(file: BinaryIO) -> None:
    """Raise Unfit unless it is a PowerPoint presentation without macros."""
    _open_ooxml(file, "presentationml.presentation.main+xml")


def open_xlsx(file: BinaryIO) -> None:
    """Raise Unfit unless it is an Excel workbook without macros."""
    _open_ooxml(file, "spreadsheetml.sheet.main+xml")


def open_odt(file: BinaryIO) -> None:
    """Raise Unfit unless it is an OpenDocument text without macros."""
    _refuse_ole(file)
    kept = {"mimetype": b"", "meta-inf/manifest.xml": b""}
    with zipped.opened(file) as archive:
        _refuse_macros_by_name(archive)
        for member in archive.infolist():
            head, found = _looked_through(zipped.blocks(archive, member), {ENTITY})
            if found:
                raise Unfit(Verdict.TOO_HEAVY)
            if head.startswith((OLE, PROGRAM)):
                raise Unfit(Verdict.FILES_INSIDE)
            if (name := member.filename.lower()) in kept:
                kept[name] = zipped.whole(archive, member, MOST_KEPT)
    if kept["mimetype"] != b"application/vnd.oasis.opendocument.text":
        raise Unfit(Verdict.OTHER_KIND)
    if b"encryption-data" in kept["meta-inf/manifest.xml"].replace(b"\0", b""):
        raise Unfit(Verdict.LOCKED)


def _open_ooxml(file: BinaryIO, main: str) -> None:
    _refuse_ole(file)
    if not any(content_type.endswith(main) for content_type in _types_when_harmless(file)):
        raise Unfit(Verdict.OTHER_KIND)


def _refuse_ole(file: BinaryIO) -> None:
    if file.read(len(OLE)) != OLE:
        return
    raise Unfit(Verdict.LOCKED if LOCKED_OLE in file.read() else Verdict.OLD_FORMAT)


def _types_when_harmless(file: BinaryIO, *, embedded: bool = False) -> list[str]:
    """The content types of a file all of whose parts are harmless; raises Unfit for others."""
    types: list[str] = []
    with zipped.opened(file) as archive:
        _refuse_macros_by_name(archive)
        # First what the parts say that they are, so that a macro is called a macro.
        for member in sorted(archive.infolist(), key=lambda part: part.filename.lower() != TYPES):
            head = _check_markup(archive, member)
            if member.filename.lower() == TYPES:
                types = markup.content_types(zipped.whole(archive, member, MOST_KEPT))
            elif member.filename.lower().endswith(".rels"):
                markup.check_relations(zipped.whole(archive, member, MOST_KEPT))
            elif head.startswith(ZIP):
                _check_embedded(archive, member, deeper=embedded)
            elif head.startswith((OLE, PROGRAM)) or _is_strange(member.filename, head):
                raise Unfit(Verdict.FILES_INSIDE)
    return types


def _refuse_macros_by_name(archive: zipfile.ZipFile) -> None:
    for name in (f"/{member.filename.lower()}" for member in archive.infolist()):
        if name.endswith((*MACRO_PARTS, *MACRO_FILES)) or any(f in name for f in MACRO_FOLDERS):
            raise Unfit(Verdict.MACROS)


def _check_embedded(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, deeper: bool) -> None:
    """The workbook behind a chart, or the like; not one that carries another in its turn."""
    if deeper:
        raise Unfit(Verdict.FILES_INSIDE)
    content = zipped.whole(archive, member, MOST_EMBEDDED)
    if not _types_when_harmless(io.BytesIO(content), embedded=True):
        raise Unfit(Verdict.FILES_INSIDE)


def _is_strange(name: str, head: bytes) -> bool:
    return "/embeddings/" in f"/{name.lower()}" and head != b"" and not head.startswith(PICTURES)


def _check_markup(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Unpack one part, checksum and all; its first bytes."""
    head, found = _looked_through(zipped.blocks(archive, member), NOTABLE)
    if head.startswith(ZIP):
        return head
    if ENTITY in found or (DOCUMENT_TYPE in found and not TYPED.search(member.filename)):
        raise Unfit(Verdict.TOO_HEAVY)
    if found & DDE_LINKS:
        raise Unfit(Verdict.FETCHES)
    if found & FIELDS:
        markup.check_fields(zipped.blocks(archive, member))
    return head


def _looked_through(blocks: Iterable[bytes], words: set[bytes]) -> tuple[bytes, set[bytes]]:
    """The first bytes of a part, and which of the words it has; one block is kept at a time."""
    head, tail, found = b"", b"", set[bytes]()
    for block in blocks:
        head = head or block[:8]
        # UTF-16 without its zeros reads like UTF-8, as far as these words go.
        seen = tail + block.replace(b"\0", b"")
        found.update(word for word in words if word in seen)
        tail = seen[-8:]  # one less than the longest word
    return head, found
