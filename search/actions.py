"""What follows when curators change what words become, and what visitors' words leave behind."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core.models import AuditEntry
from core.tasks import later
from search import swedish
from search.engines import Alternative, Question, engine
from search.models import Audience, MissedWord, Passage, Word

# The task that forgets words and reads what holds them.
WORDS_CHANGED = "search.tasks.words_changed"
# So many go into one statement.
AT_ONCE = 500
KEYS_AT_ONCE = 50
# Inflected forms mostly begin as their word does; those that do not, share its key.
ALIKE = 4
EVERY_AUDIENCE = ["", *Audience.values]

T = TypeVar("T")


def words_changed(*, words: Iterable[str]) -> None:
    """Let texts that hold these words be read again: what the words become has changed.

    `words` are protected words with their forms, or compounds; both as they were and as they are.
    Side effect: a worker forgets what the words had become and reads the texts, after the commit.
    Until then the words find as before, but for forms of them that stand in no text.
    """
    if changed := sorted(set(words) - {""}):
        later(WORDS_CHANGED, changed)


@transaction.atomic
def forget_words(*, words: Iterable[str]) -> int:
    """Forget what these words, their inflected forms and compounds of them have become.

    Returns how many were forgotten. For a worker: it reads dictionaries, and a common word stands
    in thousands of texts.
    Side effect: the passages that hold the words are stale.
    """
    changed = {swedish.composed(word).casefold() for word in words}
    keys = set().union(*map(_keys, changed))
    forgotten = _inflected(changed, keys)
    forgotten |= _compounds_of(keys.union(forgotten.values()))
    for forms in _batches(sorted(forgotten), AT_ONCE):
        Word.objects.filter(form__in=forms).delete()
    for pks in _batches(sorted(_holding(set(forgotten.values()))), AT_ONCE):
        Passage.objects.filter(pk__in=pks, stale=False).update(stale=True)
    return len(forgotten)


def _keys(word: str) -> set[str]:
    """What the word may have been reduced to, by itself and first in a compound."""
    bases = (word, swedish.lemma(word), *map(swedish.first_part, (word, f"{word}s")))
    return {word, *map(swedish.key, bases)}


def _inflected(words: set[str], keys: set[str]) -> dict[str, str]:
    """The remembered words that are these or inflected forms of them → their keys."""
    alike = Q(key__in=keys)
    for beginning in {word[:ALIKE] for word in words}:
        alike |= Q(form__startswith=beginning)
    near = Word.objects.filter(alike).values_list("form", "key")
    return {form: key for form, key in near if form in words or swedish.lemma(form) in words}


def _compounds_of(keys: set[str]) -> dict[str, str]:
    """The remembered compounds with a part that has one of these keys → their own keys."""
    compounds = Word.objects.exclude(parts="").values_list("form", "key", "parts")
    return {
        form: key for form, key, parts in compounds.iterator() if not keys.isdisjoint(parts.split())
    }


def _holding(keys: set[str]) -> set[int]:
    """The passages that hold one of these keys."""
    found = set()
    for some in _batches(sorted(keys), KEYS_AT_ONCE):
        question = Question([[Alternative((key,)) for key in some]], EVERY_AUDIENCE)
        found |= {passage for passage, _ in engine().matching(question, sys.maxsize)}
    return found


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch


# --- Words that found nothing ---------------------------------------------------------------------

SHORTEST_MISSED, LONGEST_MISSED = 3, 40
MOST_MISSED = 3


@transaction.atomic
def note_missed(words: Iterable[str]) -> None:
    """Count words that found nothing, at most MOST_MISSED of them; what is no word is left out.

    Never a whole question: what stood beside a word could tell of whom it was about.
    Side effect: a row for each word. Neither history nor edition.
    """
    written = (swedish.composed(word).casefold() for word in words)
    likely = (
        word
        for word in dict.fromkeys(written)
        if word.isalpha() and SHORTEST_MISSED <= len(word) <= LONGEST_MISSED
    )
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        # In one order, so that nobody waits in a ring.
        for word in sorted(islice(likely, MOST_MISSED)):
            cursor.execute(
                "INSERT INTO search_missedword (word, times, first_at, last_at)"
                " VALUES (%s, 1, %s, %s) ON CONFLICT (word) DO UPDATE"
                " SET times = search_missedword.times + 1, last_at = excluded.last_at",
                [word, now, now],
            )


@transaction.atomic
def remove_missed(*, words: Iterable[MissedWord], by: Any) -> int:
    """Take words out of the list of those that found nothing; returns how many.

    Side effect: history, without the words: one of them may be anybody's name, and history stays.
    """
    count = 0
    for word in words:
        about = (word._meta.label_lower, str(word.pk), str(word._meta.verbose_name))
        AuditEntry.note("raderad", about=about, by=by)
        word.delete()
        count += 1
    return count
