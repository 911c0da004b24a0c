"""The portal's own words: what a misspelt one was meant to be, and what a beginning leads to."""

import threading
from typing import NamedTuple

from django.db import connection
from django.db.models import OuterRef, Subquery
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

from search.models import Term, Word
from search.words import Lexicon

# A beginning leads to so many words at most, and a misspelling to so many guesses.
MOST_LONGER = 20
MOST_NEAR = 3
SHORTEST_BEGINNING = 2
# The commonest words are compared with a misspelt one; 50,000 take about 10 ms.
MOST_COMPARED = 50_000


class Known(NamedTuple):
    """A word of the portal's."""

    form: str
    key: str
    passages: int


def _used() -> "Subquery":
    return Subquery(Term.objects.filter(key=OuterRef("key")).values("passages")[:1])


def beginning_with(form: str) -> list[Known]:
    """The commonest words that begin like this, at most MOST_LONGER; each key once."""
    if len(form) < SHORTEST_BEGINNING:
        return []
    # Both take an index: SQLite by range, PostgreSQL by pattern.
    if connection.vendor == "sqlite":
        like = Word.objects.filter(form__gt=form, form__lt=form + "\U0010ffff")
    else:
        like = Word.objects.filter(form__startswith=form)
    rows = like.annotate(used=_used()).filter(used__gt=0).order_by("-used", "form")
    found: dict[str, Known] = {}
    for row in rows.values_list("form", "key", "used")[: 3 * MOST_LONGER]:
        found.setdefault(row[1], Known(*row))
    return list(found.values())[:MOST_LONGER]


_lock = threading.Lock()
_seen: tuple[int, list[Known], list[str]] = (-1, [], [])


def _all() -> tuple[list[Known], list[str]]:
    """The commonest words; read again when there are more or fewer of them."""
    global _seen
    count = Word.objects.count()
    if _seen[0] != count:
        with _lock:
            rows = Word.objects.annotate(used=_used()).filter(used__gt=0).order_by("-used", "form")
            known = [Known(*row) for row in rows.values_list("form", "key", "used")[:MOST_COMPARED]]
            _seen = (count, known, [word.form for word in known])
    return _seen[1], _seen[2]


def forget() -> None:
    """Read the words again when they are next asked for."""
    global _seen
    _seen = (-1, [], [])


def errors_allowed(form: str) -> int:
    """How many letters may be wrong, missing, added or swapped in a word of this length."""
    return 0 if len(form) < 4 else 1 if len(form) < 7 else 2


def near(form: str, rules: Lexicon) -> list[Known]:
    """Words that differ from this one by a slip or two, the most likely first.

    Looked for among the portal's words and those that curators have given synonyms.
    """
    most = errors_allowed(form)
    if not most or form.isdecimal():
        return []
    known, forms = _all()
    known = [*known, *(Known(word, key, 0) for word, key in rules.words.items())]
    forms = [*forms, *rules.words]
    close = extract(
        form,
        forms,
        scorer=DamerauLevenshtein.distance,
        score_cutoff=most,
        limit=50,
        processor=None,
    )
    ranked = sorted(
        (distance, other[0] != form[0], -known[place].passages, other)
        for other, distance, place in close
        if not other.isdecimal()
    )
    by_form = {known[place].form: known[place] for _, _, place in close}
    found: dict[str, Known] = {}
    for *_, other in ranked:
        found.setdefault(by_form[other].key, by_form[other])
    return list(found.values())[:MOST_NEAR]


SHORTEST_PART = 3


def parted(form: str, rules: Lexicon) -> tuple[str, ...]:
    """Keys of two words of the portal's that a compound is made of; nothing when there are none.

    For compounds that stand nowhere in the portal; needs no dictionary of compounds. The longest
    last word wins.
    """
    if not form.isalpha() or len(form) < 2 * SHORTEST_PART:
        return ()
    cuts = range(SHORTEST_PART, len(form) - SHORTEST_PART + 1)
    lasts = Word.objects.filter(form__in=[form[cut:] for cut in cuts])
    used = lasts.annotate(used=_used()).filter(used__gt=0)
    keys = dict(used.values_list("form", "key"))
    pairs = [(rules.first_part(form[:cut]), keys[form[cut:]]) for cut in cuts if form[cut:] in keys]
    wanted = Term.objects.filter(key__in={first for first, _ in pairs}, passages__gt=0)
    there = set(wanted.values_list("key", flat=True))
    return next((pair for pair in pairs if pair[0] in there), ())
