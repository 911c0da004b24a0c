"""Things that are published and read, for tests that search."""

import datetime
from typing import Any

from django.db import transaction

from core.models import Edition
from search import catalogue, indexing
from search.catalogue import Document
from search.finding import Finding, Search
from search.models import CompoundOverride, Entry, ProtectedWord, Synonyms

KIND = "prov"
MOMENT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
PUBLIC = frozenset({"alla"})
STAFF = frozenset({"alla", "personal"})


def document(number: int, title: str = "Något", **fields: Any) -> Document:
    named = {"summary": "", "audience": "alla", "published_at": MOMENT}
    return Document(
        kind=KIND, object_id=number, title=title, address=f"/{number}/", **named | fields
    )


def publish(*documents: Document) -> None:
    """Put the documents into the catalogue and read them, as a worker does."""
    with transaction.atomic():
        catalogue.put(documents)
    indexing.index()


def publish_titles(*titles: str) -> None:
    publish(*(document(number, title) for number, title in enumerate(titles, 1)))


def find(typed: str, audiences: frozenset[str] = PUBLIC, **how: Any) -> Finding:
    return Search(typed, audiences, Edition.current(), **how).find()


def titles(typed: str, audiences: frozenset[str] = PUBLIC, **how: Any) -> list[str]:
    """Titles of what has all the words, best first."""
    return titled(find(typed, audiences, **how).entries)


def titled(entries: list[int]) -> list[str]:
    found = Entry.objects.in_bulk(entries)
    return [found[pk].title for pk in entries]


def same(*words: str) -> None:
    """Words that mean the same."""
    Synonyms.objects.create(words="\n".join(words))
    changed()


def leads(*words: str, to: list[str]) -> None:
    """Words that lead to others."""
    Synonyms.objects.create(words="\n".join(words), leads_to="\n".join(to))
    changed()


def protect(word: str, *forms: str) -> None:
    ProtectedWord.objects.create(word=word, forms="\n".join(forms))
    changed()


def divide(word: str, parts: str = "") -> None:
    CompoundOverride.objects.create(word=word, parts=parts)
    changed()


@transaction.atomic
def changed() -> None:
    """As after a curator's change."""
    Edition.raise_number()
