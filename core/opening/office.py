"""Word, PowerPoint, Excel and OpenDocument: zip files with a known inside."""

import zipfile
import zlib
from typing import BinaryIO

from core.opening import Unfit, Verdict

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and today's when it is locked
LOCKED_OLE = "EncryptedPackage".encode("utf-16-le")

MOST_MEMBERS = 10_000
MOST_UNPACKED = 250 * 1024**2
MOST_RATIO = 100  # of more than SMALL: XML packs well, and a real one stays below 30
SMALL = 10 * 1024**2
BLOCK = 256 * 1024

MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
MACRO_FOLDERS = ("/basic/", "/scripts/", "/activex/", "/macrosheets/")


def open_docx(file: BinaryIO) -> None:
    """Raise Unfit unless it is a Word document without macros."""
    _open_ooxml(file, b"wordprocessingml.document.main+xml")


def open_pptx(file: BinaryIO) -> None:
    """Raise Unfit unless it is a PowerPoint presentation without macros."""
    _open_ooxml(file, b"presentationml.presentation.main+xml")


def open_xlsx(file: BinaryIO) -> None:
    """Raise Unfit unless it is an Excel workbook without macros."""
    _open_ooxml(file, b"spreadsheetml.sheet.main+xml")


def open_odt(file: BinaryIO) -> None:
    """Raise Unfit unless it is an OpenDocument text without macros."""
    parts = _unpacked(file, keep=("mimetype", "META-INF/manifest.xml"))
    if parts.get("mimetype") != b"application/vnd.oasis.opendocument.text":
        raise Unfit(Verdict.OTHER_KIND)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Unfit(Verdict.LOCKED)


def _open_ooxml(file: BinaryIO, main: bytes) -> None:
    types = _unpacked(file, keep=("[Content_Types].xml",)).get("[Content_Types].xml", b"")
    if b"macroEnabled" in types:
        raise Unfit(Verdict.MACROS)
    if main not in types:
        raise Unfit(Verdict.OTHER_KIND)


def _unpacked(file: BinaryIO, keep: tuple[str, ...]) -> dict[str, bytes]:
    """Unpack everything once, checksums and all; the contents of those to keep."""
    _refuse_ole(file)
    try:
        with zipfile.ZipFile(file) as archive:
            _look_at(archive.infolist(), size=file.seek(0, 2))
            return {
                member.filename: found
                for member in archive.infolist()
                if (found := _read(archive, member, whole=member.filename in keep)) is not None
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as problem:
        raise Unfit(Verdict.BROKEN) from problem


def _refuse_ole(file: BinaryIO) -> None:
    if file.read(len(OLE)) != OLE:
        return
    raise Unfit(Verdict.LOCKED if LOCKED_OLE in file.read() else Verdict.OLD_FORMAT)


def _look_at(members: list[zipfile.ZipInfo], size: int) -> None:
    """What the list of contents tells, before anything is unpacked."""
    if any(member.flag_bits & 1 for member in members):
        raise Unfit(Verdict.LOCKED)
    unpacked = sum(member.file_size for member in members)
    too_packed = unpacked > SMALL and unpacked > size * MOST_RATIO
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or too_packed:
        raise Unfit(Verdict.TOO_HEAVY)
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or any(_leads_out(name) for name in names):
        raise Unfit(Verdict.BROKEN)
    if any(_is_macro(f"/{name.lower()}") for name in names):
        raise Unfit(Verdict.MACROS)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _is_macro(name: str) -> bool:
    return name.endswith(MACRO_PARTS) or any(folder in name for folder in MACRO_FOLDERS)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, whole: bool) -> bytes | None:
    """Unpack one; nothing is kept but what is asked for and short."""
    kept, tail = b"", b""
    with archive.open(member) as part:
        while block := part.read(BLOCK):
            # Neither format has use for entities, which grow without end when they are resolved.
            if b"<!ENTITY" in tail + block:
                raise Unfit(Verdict.TOO_HEAVY)
            tail = block[-8:]
            if whole and len(kept) < 4 * BLOCK:
                kept += block
    return kept if whole else None
