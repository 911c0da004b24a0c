"""Texts in the catalogue, and what a question finds among them."""

import datetime

from django.db import transaction

from core.models import Edition
from search import catalogue, indexing
from search.catalogue import Document
from search.finding import Search
from search.models import Audience, Passage

PUBLISHED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def write(*texts: str, audience: str = Audience.PUBLIC, first: int = 1, **fields) -> None:
    """Publish each text as an entry of its own, titled Ett, Två, Tre, Nr 4 … and read it."""
    names = {1: "Ett", 2: "Två", 3: "Tre"}
    with transaction.atomic():
        catalogue.put(
            Document(
                kind="prov",
                object_id=number,
                title=names.get(number, f"Nr {number}"),
                summary="",
                address=f"/prov/{number}/",
                audience=audience,
                published_at=PUBLISHED,
                text=text,
                **fields,
            )
            for number, text in enumerate(texts, first)
        )
    indexing.index()


def found(typed: str) -> list[str]:
    """The titles that anybody finds, in the order of their numbers."""
    search = Search(typed, frozenset({Audience.PUBLIC}), Edition.current())
    passages = Passage.objects.filter(entry__in=search.find().entries)
    return list(passages.order_by("entry").values_list("title", flat=True))


def waiting() -> list[str]:
    """The titles of texts that wait to be read."""
    return list(Passage.objects.filter(stale=True).order_by("pk").values_list("title", flat=True))
