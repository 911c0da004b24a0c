"""The kinds of file that the portal takes in, and how each is known by its first bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings

HEAD = 4096  # bytes from the beginning that tell a kind
_OFFICE = "application/vnd.openxmlformats-officedocument"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a locked or an old one: it is told apart by opening it


@dataclass(frozen=True)
class Kind:
    """One kind of file. `group` names its largest size in settings.UPLOAD_MAX_BYTES."""

    key: str  # as core.opening calls it
    label: str
    extensions: tuple[str, ...]
    content_type: str
    group: str
    begins: Callable[[bytes], bool]
    inline: bool = False  # whether a browser may show it as a page of its own

    @property
    def max_bytes(self) -> int:
        """The largest size."""
        size: int = settings.UPLOAD_MAX_BYTES[self.group]
        return size


def _starts(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(beginnings)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _is_mp3(head: bytes) -> bool:
    return head[:3] == b"ID3" or (head[0] == 0xFF and head[1:2] > b"" and head[1] & 0xE6 == 0xE2)


def _is_m4a(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in {b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom"}


DOCUMENTS = (
    Kind("pdf", "PDF", (".pdf",), "application/pdf", "document", _starts(b"%PDF-"), inline=True),
    *(
        Kind(key, label, (f".{key}",), content_type, "document", _starts(_ZIP, _OLE))
        for key, label, content_type in (
            ("docx", "Word-fil", f"{_OFFICE}.wordprocessingml.document"),
            ("pptx", "PowerPoint-fil", f"{_OFFICE}.presentationml.presentation"),
            ("xlsx", "Excel-fil", f"{_OFFICE}.spreadsheetml.sheet"),
            ("odt", "OpenDocument-fil", "application/vnd.oasis.opendocument.text"),
        )
    ),
    # Without a character set: they are handed out as they came, and nobody asked in which.
    Kind("text", "CSV-fil", (".csv",), "text/csv", "document", _is_text),
    Kind("text", "textfil", (".txt",), "text/plain", "document", _is_text),
)
IMAGES = (
    Kind("png", "PNG-bild", (".png",), "image/png", "image", _starts(b"\x89PNG\r\n\x1a\n"), True),
    Kind(
        "jpeg",
        "JPEG-bild",
        (".jpg", ".jpeg"),
        "image/jpeg",
        "image",
        _starts(b"\xff\xd8\xff"),
        True,
    ),
    Kind("webp", "WEBP-bild", (".webp",), "image/webp", "image", _is_webp, True),
)
AUDIO = (
    Kind("mp3", "MP3-fil", (".mp3",), "audio/mpeg", "audio", _is_mp3),
    Kind("m4a", "M4A-fil", (".m4a",), "audio/mp4", "audio", _is_m4a),
    Kind("ogg", "OGG-fil", (".ogg", ".oga", ".opus"), "audio/ogg", "audio", _starts(b"OggS")),
)
KINDS = (*DOCUMENTS, *IMAGES, *AUDIO)

_BY_EXTENSION = {extension: kind for kind in KINDS for extension in kind.extensions}


def megabytes(size: int) -> str:
    """A size as one says it: "50 MB", "0,3 MB"."""
    return f"{size / 1024**2:.1f}".removesuffix(".0").replace(".", ",") + " MB"


def extension_of(name: str) -> str:
    """What a name ends with, such as ".pdf"; "" for nothing."""
    return PurePosixPath(name).suffix.lower()


def kind_of(name: str) -> Kind | None:
    """The kind that a name's extension tells, or None."""
    return _BY_EXTENSION.get(extension_of(name))


def extensions(kinds: tuple[Kind, ...]) -> list[str]:
    """All the extensions of those kinds."""
    return [extension for kind in kinds for extension in kind.extensions]
