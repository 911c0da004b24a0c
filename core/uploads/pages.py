"""The pages of stored PDF files, as the search needs them. For workers: it can take a minute."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from django.db.models.fields.files import FieldFile

from core.opening import Unfit, Verdict
from core.uploads import child
from core.uploads.kinds import kind_of

log = logging.getLogger(__name__)


def has_pages(name: str | None) -> bool:
    """Whether a file stored under that name is of the kind whose pages are read."""
    kind = kind_of(name or "")
    return kind is not None and kind.key == "pdf"


def pages_of(stored: FieldFile) -> list[str]:
    """The text of each page; none of another kind of file, or of one that cannot be read.

    A storage that does not answer raises what it raises: it is worth another attempt.
    """
    if not has_pages(stored.name):
        return []
    try:
        with stored.open("rb") as file:
            return child.read_pages(file)
    except (FileNotFoundError, Unfit, child.TookTooLong, child.Crashed) as problem:
        log.warning("No pages of %s can be read: %r", stored.name, problem)
        return []


class Trouble(StrEnum):
    """Why a stored file could not be read."""

    BROKEN = "broken"
    LOCKED = "locked"
    TOO_LARGE = "too large"
    LOST = "lost"


@dataclass(frozen=True)
class Read:
    """What was found in a PDF: the text of its pages, how many they are, the first as a JPEG."""

    pages: list[str]
    count: int = 0
    front: bytes = b""
    trouble: Trouble | None = None


def read(stored: FieldFile) -> Read:
    """All that is shown and searched of a stored PDF, or why it cannot be read.

    Where only one of text and picture goes well, that one is answered. A storage that does not
    answer raises what it raises: it is worth another attempt.
    """
    pages, count, front, trouble = list[str](), 0, b"", None
    try:
        with stored.open("rb") as file:
            try:
                pages = child.read_pages(file)
            except (Unfit, child.TookTooLong, child.Crashed) as problem:
                trouble = _trouble(problem)
                log.warning("No pages of %s can be read: %r", stored.name, problem)
            try:
                count, front = child.draw_front(file)
            except (Unfit, child.TookTooLong, child.Crashed) as problem:
                log.warning("The first page of %s cannot be drawn: %r", stored.name, problem)
    except FileNotFoundError:
        log.warning("The storage has lost %s", stored.name)
        return Read([], trouble=Trouble.LOST)
    return Read(pages, count or len(pages), front, trouble)


def _trouble(problem: Exception) -> Trouble:
    if isinstance(problem, Unfit):
        if problem.verdict == Verdict.LOCKED:
            return Trouble.LOCKED
        return Trouble.TOO_LARGE if problem.verdict == Verdict.TOO_HEAVY else Trouble.BROKEN
    return Trouble.TOO_LARGE if isinstance(problem, child.TookTooLong) else Trouble.BROKEN
