"""The pages of stored PDF files, as the search needs them. For workers: it can take a minute."""

import logging

from django.db.models.fields.files import FieldFile

from core.opening import Unfit
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
