"""Entries and passages as pages of hits read them: plain rows, as models would take as long to
make as all the rest of a page.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.rows import rows_in
from search.models import Entry, Passage


class Card(NamedTuple):
    """An entry, as far as it is shown."""

    pk: int
    kind: str
    title: str
    summary: str
    address: str
    audience: str
    card: dict[str, Any]


class Text(NamedTuple):
    """A passage, as far as it is shown. See search.models.Passage."""

    pk: int = 0
    entry: int = 0
    file: str = ""
    page: int = 0
    address: str = ""
    title: str = ""
    lead: str = ""
    text: str = ""
    title_keys: str = ""
    lead_keys: str = ""
    text_keys: str = ""
    stale: bool = False


_CARD = ("id", *Card._fields[1:])
_TEXT = ("id", "entry_id", *Text._fields[2:])


def cards(pks: Iterable[int], audiences: frozenset[str]) -> list[Card]:
    """The entries in this order; those that were hidden just now are left out."""
    pks = list(pks)
    rows = (Card._make([*row, json.loads(card)]) for *row, card in rows_in(Entry, _CARD, "id", pks))
    found = {row.pk: row for row in rows if row.audience in audiences}
    return [found[pk] for pk in pks if pk in found]


def texts(pks: Iterable[int], entries: Iterable[int]) -> dict[int, Text]:
    """These passages, and the own ones of these entries, by primary key."""
    found = {row[0]: Text._make(row) for row in rows_in(Passage, _TEXT, "id", pks)}
    there = {text.entry for text in found.values() if not text.file}
    others = [entry for entry in entries if entry not in there]
    own = rows_in(Passage, _TEXT, "entry_id", others, file="")
    return found | {row[0]: Text._make(row) for row in own}
