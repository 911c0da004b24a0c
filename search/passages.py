"""Writing the texts that are searched. Their keys follow in the background (`search.indexing`)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from core.models import Edition
from core.tasks import later
from search.models import Entry, Passage
from search.swedish import composed

INDEX = "search.tasks.index"
AT_ONCE = 200
_TEXTS = ("title", "lead", "text", "aside")
_KEYS = ("title_keys", "lead_keys", "text_keys", "part_keys", "facet_keys", "front_keys")


@dataclass(frozen=True)
class Texts:
    """What an entry says and is found by; see search.models.Passage."""

    title: str
    lead: str
    text: str
    aside: str
    audience: str
    facet_keys: str


def put(entries: Mapping[int, Texts]) -> set[int]:
    """Write the own texts of these entries (by primary key) in the running transaction.

    Returns those that had none until now, or whose texts are all to be made anew.
    Side effect: a worker reads what is new after the commit.
    """
    own = Passage.objects.filter(entry__in=entries, file="")
    before = {passage.entry_id: passage for passage in own.defer(*_KEYS)}
    rows = []
    for pk, texts in entries.items():
        row = Passage(
            entry_id=pk,
            audience=texts.audience,
            facet_keys=texts.facet_keys,
            **{name: composed(getattr(texts, name)) for name in _TEXTS},
        )
        if old := before.get(pk):
            same = old.version and all(getattr(old, name) == getattr(row, name) for name in _TEXTS)
            row.version, row.stale = old.version + (not same), old.stale or not same
        rows.append(row)
    Passage.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["entry", "file", "page"],
        update_fields=[*_TEXTS, "audience", "facet_keys", "version", "stale"],
        batch_size=AT_ONCE,
    )
    pages = Passage.objects.exclude(file="")
    for pk in pages.filter(entry__in=entries).values_list("entry", flat=True).distinct():
        shared = {"audience": entries[pk].audience, "facet_keys": entries[pk].facet_keys}
        pages.filter(entry=pk).exclude(**shared).update(**shared)
    if any(row.stale for row in rows):
        later(INDEX)
    return {pk for pk in entries if pk not in before or not before[pk].version}


# A word parted at the end of a line in a PDF file; "SKR-" before "rapporten" keeps its hyphen.
_PARTED = re.compile(r"(?<=[a-zåäöéü])[-\u00ad]\s*\n\s*(?=[a-zåäöéü])")


def rejoined(text: str) -> str:
    """The text of a page with words that were parted at the ends of lines put together."""
    return " ".join(_PARTED.sub("", text).replace("\u00ad", "").split())


@transaction.atomic
def put_pages(
    kind: str, object_id: int, *, file: str, title: str, address: str, pages: Iterable[str]
) -> int:
    """Write the text of a PDF file's pages, instead of what was there before; returns how many.

    `file` tells the thing's files apart; `address` is where the file is fetched, and a hit leads
    to its page. Nothing is written for a thing that is not published.
    Side effects: the edition is raised, and a worker reads the pages after the commit.
    """
    if not file:
        raise ValueError("A page belongs to a file.")
    Edition.raise_number()
    entry = Entry.objects.filter(kind=kind, object_id=object_id).exclude(audience="").first()
    if entry is None:
        return 0
    entry.passages.filter(file=file).delete()
    own = entry.passages.filter(file="").first()
    numbered = (
        Passage(
            entry=entry,
            file=file,
            page=number,
            address=f"{address}#page={number}",
            title=composed(title)[:250],
            text=text,
            audience=entry.audience,
            facet_keys=own.facet_keys if own else "",
        )
        for number, text in enumerate((composed(rejoined(page)) for page in pages), 1)
        if text
    )
    count = 0
    while batch := list(islice(numbered, AT_ONCE)):
        count += len(Passage.objects.bulk_create(batch))
    later(INDEX)
    return count


def remove_pages(kind: str, object_id: int, *, file: str) -> None:
    """Take a file's pages out of the search at once."""
    Edition.raise_number()
    Passage.objects.filter(entry__kind=kind, entry__object_id=object_id, file=file).delete()
