"""What the XML of an Office file tells: what its parts are, where they lead, what its fields do.

It is read with a parser, as Office does, so that escapes, prefixes and encodings hide nothing.
Nothing here resolves an entity: a document type is refused before its first one.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote
from xml.parsers import expat

from core.opening import Unfit, Verdict

MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "macrosheet", "ms-office.activex")
MACRO_RELATIONS = ("vbaproject", "macrosheet", "control")  # so they end
# OLE objects, and pages or documents that Word puts in when it opens the file. Nobody checks them.
FILE_RELATIONS = {"oleobject", "afchunk"}
# What leads to a file that the reader's own disk has, or more often has not, fetches nothing. Word
# and Excel leave such paths behind: to the template, to pictures pasted from a page, to a workbook.
DISK_RELATIONS = {
    *("attachedtemplate", "image", "audio", "video", "media", "externallinkpath"),
    *("externallinklongpath", "xlpathmissing", "xlstartup", "xlalternatestartup", "xllibrary"),
}
# A drive letter, or a name beside the document. "\\server" and "//server" are somebody's network.
_ON_DISK = re.compile(r"(?:file:///)?[a-z]:[\\/].*|[^:\\/][^:]*", re.I | re.S)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[\\/]{2}", re.I)
_EMBEDDED = re.compile(r"(?:^|/)embeddings/[^/\\]+$", re.I)
_DDE = re.compile(r"\s*\"?dde(?:auto)?\b", re.I)


def content_types(content: bytes) -> list[str]:
    """The types of the parts, in small letters; raises Unfit where one is a macro."""
    found: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.append(attributes.get("ContentType", "").strip().lower())

    _parse([content], start)
    if any(word in content_type for content_type in found for word in MACRO_TYPES):
        raise Unfit(Verdict.MACROS)
    return found


def check_relations(content: bytes) -> None:
    """Raise Unfit where a part of the file leads to a macro, to a file nobody checks, or away."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            _check_relation(
                attributes.get("Type", "").strip().rpartition("/")[2].lower(),
                unquote(attributes.get("Target", "")).strip(),
                attributes.get("TargetMode", "").strip().lower() == "external",
            )

    _parse([content], start)


def _check_relation(kind: str, target: str, external: bool) -> None:
    if kind == "hyperlink":  # followed when somebody chooses it
        return
    if kind.endswith(MACRO_RELATIONS):
        raise Unfit(Verdict.MACROS)
    if external or _ELSEWHERE.match(target):
        if kind not in DISK_RELATIONS or not _ON_DISK.fullmatch(target):
            raise Unfit(Verdict.FETCHES)
    elif kind in FILE_RELATIONS or (kind == "package" and not _EMBEDDED.search(target)):
        raise Unfit(Verdict.FILES_INSIDE)


def check_fields(blocks: Iterable[bytes]) -> None:
    """Raise Unfit where a field of Word's starts another program (DDE, DDEAUTO)."""
    fields = _Fields()
    _parse(blocks, fields.start, fields.text)
    fields.judge()


class _Fields:
    """Puts the words of each field together, which Word splits over runs as it likes."""

    def __init__(self) -> None:
        self.words, self.inside = "", False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        self.inside = name in {"instrText", "delInstrText"}
        if name == "fldChar":
            self.judge()
        elif name == "fldSimple":
            self.judge()
            self.words = next((v for k, v in attributes.items() if _local(k) == "instr"), "")
            self.judge()

    def text(self, words: str) -> None:
        if self.inside:
            self.words = (self.words + words).lstrip()[:40]

    def judge(self) -> None:
        if _DDE.match(self.words):
            raise Unfit(Verdict.FETCHES)
        self.words = ""


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parse(
    blocks: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError) as problem:
        raise Unfit(Verdict.BROKEN) from problem


def _refuse_document_type(*declared: object) -> None:
    raise Unfit(Verdict.TOO_HEAVY)
