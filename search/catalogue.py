"""Writing the catalogue. Publishing actions call this inside their own transaction."""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core.models import Edition
from core.rows import insert_rows
from core.text import sort_key
from search import passages
from search.models import Entry, EntryFacet, FacetLabel, Passage


@dataclass(frozen=True)
class Document:
    """What an app says about one published thing."""

    kind: str
    object_id: int
    title: str
    summary: str
    address: str
    audience: str
    published_at: datetime.datetime
    date: str = ""
    confirmed_on: datetime.date | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    words: Iterable[str] = ()  # found by search as the summary is: names, themes, methods
    text: str = ""  # the rest of what it says, as plain text
    aside: Iterable[str] = ()  # found by, though it does not say so: neighbourhoods and the like
    facets: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where things of a kind come from: from object ids to documents, and what ids there are.

    Ids of what is not published give no document. `arrived` hears, in the same transaction, of
    those that came into the catalogue: their files have no pages there (`passages.put_pages`).
    """

    documents: Callable[[Iterable[int]], Iterable[Document]]
    ids: Callable[[], Iterable[int]]
    label: str
    plural: str
    arrived: Callable[[Collection[int]], None]


sources: dict[str, Source] = {}


def register(
    kind: str,
    *,
    documents: Callable[[Iterable[int]], Iterable[Document]],
    ids: Callable[[], Iterable[int]],
    label: str,
    plural: str,
    arrived: Callable[[Collection[int]], None] = lambda object_ids: None,
) -> None:
    """Say how things of `kind` become documents, and what they are called (in ready())."""
    sources[kind] = Source(documents, ids, label, plural, arrived)


# The facet that every entry has: what kind of thing it is.
KIND = "slag"
# The years in which it was going on, and the value of what still is.
YEAR = "ar"
RUNS_ON = "oppen"

# Facets by which rows are found when what they name changes; nobody filters or counts by them.
only_to_find: set[str] = set()


def put(documents: Iterable[Document]) -> None:
    """Write or overwrite the documents' rows and facets in the running transaction."""
    documents = list(documents)
    if not documents:
        return
    edition = Edition.raise_number()
    Entry.objects.bulk_create(
        [_row(document, edition) for document in documents],
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=[
            *("title", "summary", "address", "card", "audience", "date", "published_at"),
            *("confirmed_on", "title_key", "edition"),
        ],
        batch_size=500,
    )
    by_kind: dict[str, dict[int, Document]] = {}
    for document in documents:
        by_kind.setdefault(document.kind, {})[document.object_id] = document
    for kind, wanted in by_kind.items():
        rows = Entry.objects.filter(kind=kind, object_id__in=wanted)
        pks = dict(rows.values_list("object_id", "pk"))
        EntryFacet.objects.filter(entry__in=pks.values()).delete()
        insert_rows(
            EntryFacet,
            ["entry_id", "facet", "value"],
            (
                (pks[number], facet, value)
                for number, document in wanted.items()
                for facet, values in document.facets.items()
                for value in sorted(set(values))
            ),
        )
        new = passages.put({pks[number]: _texts(document) for number, document in wanted.items()})
        if new and kind in sources:
            sources[kind].arrived([number for number, pk in pks.items() if pk in new])


def _row(document: Document, edition: int) -> Entry:
    return Entry(
        kind=document.kind,
        object_id=document.object_id,
        title=document.title,
        summary=document.summary,
        address=document.address,
        card=dict(document.card),
        audience=document.audience,
        date=document.date,
        published_at=document.published_at,
        confirmed_on=document.confirmed_on,
        title_key=sort_key(document.title)[:250],
        edition=edition,
    )


def _texts(document: Document) -> passages.Texts:
    facets = {KIND: [document.kind], **document.facets}
    return passages.Texts(
        title=document.title,
        lead="\n".join([document.summary, *document.words]),
        text=document.text,
        aside="\n".join(document.aside),
        audience=document.audience,
        facet_keys=" ".join(
            facet_key(facet, value)
            for facet, values in facets.items()
            if facet not in only_to_find
            for value in sorted(set(values))
        ),
    )


def facet_key(facet: str, value: str) -> str:
    """A facet's value as a key among those of words, which hold no "="."""
    return f"{facet}={value}"


def remove(kind: str, object_ids: Iterable[int]) -> None:
    """Take things out of every list at once; no text of theirs is left in the catalogue."""
    edition = Edition.raise_number()
    rows = Entry.objects.filter(kind=kind, object_id__in=list(object_ids))
    EntryFacet.objects.filter(entry__in=rows).delete()
    Passage.objects.filter(entry__in=rows).delete()
    blank = dict.fromkeys(("audience", "title", "summary", "address", "title_key"), "")
    rows.update(**blank, card={}, edition=edition)


def refresh(kind: str, object_ids: Iterable[int]) -> None:
    """Write the rows of these objects as they are now; those no longer published are removed."""
    object_ids = list(object_ids)
    documents = list(sources[kind].documents(object_ids))
    put(documents)
    gone = set(object_ids) - {document.object_id for document in documents}
    if gone:
        shown = Entry.objects.filter(kind=kind, object_id__in=gone).exclude(audience="")
        gone = set(shown.values_list("object_id", flat=True))
    if gone:
        remove(kind, gone)


def touch(kind: str, object_ids: Iterable[int]) -> None:
    """Have kept pages of these made anew: something that they show beside the row has changed."""
    edition = Edition.raise_number()
    shown = Entry.objects.filter(kind=kind, object_id__in=list(object_ids)).exclude(audience="")
    shown.update(edition=edition)


@transaction.atomic
def refresh_with(facet: str, values: Iterable[str]) -> None:
    """Write again everything that carries one of these values, such as a renamed district."""
    rows = Entry.objects.filter(facets__facet=facet, facets__value__in=list(values)).distinct()
    by_kind: dict[str, list[int]] = {}
    for kind, object_id in rows.values_list("kind", "object_id"):
        by_kind.setdefault(kind, []).append(object_id)
    for kind, object_ids in by_kind.items():
        for start in range(0, len(object_ids), 500):
            refresh(kind, object_ids[start : start + 500])


def label(
    facet: str, labels: Mapping[str, str], positions: Mapping[str, str] | None = None
) -> None:
    """Name the facet's values; they stand in Swedish order unless `positions` says otherwise."""
    if not labels:
        return
    Edition.raise_number()
    FacetLabel.objects.bulk_create(
        [
            FacetLabel(
                facet=facet,
                value=value,
                label=name,
                position=(positions or {}).get(value, sort_key(name))[:200],
            )
            for value, name in labels.items()
        ],
        update_conflicts=True,
        unique_fields=["facet", "value"],
        update_fields=["label", "position"],
    )


def unlabel(facet: str, value: str) -> None:
    """Forget a value that no longer exists."""
    Edition.raise_number()
    FacetLabel.objects.filter(facet=facet, value=value).delete()
