"""What a visitor is told of how her question was understood, and of what was tried in vain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.text import Truncator

from core.templatetags.ksi import number
from search.finding import MOST_COUNTED, Finding
from search.understanding import Meaning

# Synonyms that are told; the rest are many words for little.
MOST_TOLD = 6
# So much of what was typed stands in a sentence.
LONGEST = 60


@dataclass(frozen=True)
class Told:
    """What was made of a question, as words for sentences; what is empty is not told."""

    synonyms: str = ""  # "närstående och familjemedlem"
    corrected: str = ""  # "boendestöd"
    parted: str = ""  # words that stand nowhere, but their parts do
    left_out: str = ""  # words beyond the limit
    missed: list[str] = field(default_factory=list)  # words that found nothing
    is_one_word: bool = False  # what finds some of it finds parts of the word


def told(found: Finding) -> Told:
    """What there is to tell of a question that has been answered."""
    meanings = found.question.meanings
    return Told(
        synonyms=listed(_synonyms(found), MOST_TOLD),
        corrected=listed(correction.used for correction in found.corrections),
        parted=listed(meaning.text for meaning in meanings if _is_parted(meaning)),
        left_out=listed(found.question.left_out),
        missed=[word[:LONGEST] for word in found.missed],
        is_one_word=_is_one_word(found),
    )


def _synonyms(found: Finding) -> dict[str, None]:
    """The synonyms by which something was found, those of the best hits first."""
    return {
        match.way.text: None
        for hit in [*found.hits, *found.partial]
        for match in hit.matches
        if match.way.text in match.meaning.synonyms
    }


def _is_parted(meaning: Meaning) -> bool:
    """Whether only the parts of the word, found nowhere itself, are looked for."""
    return bool(meaning.form) and all(way.why == "delar" for way in meaning.ways)


@dataclass(frozen=True)
class Tried:
    """What a question that found nothing was looked for by, besides the words in all forms."""

    spellings: str = ""
    synonyms: str = ""
    parts: str = ""


def tried(found: Finding, *, literally: bool) -> Tried:
    """What was tried in vain."""
    meanings = found.question.meanings
    synonyms = dict.fromkeys(text for meaning in meanings for text in meaning.synonyms)
    has_parts = [
        meaning.text for meaning in meanings if any(way.why == "delar" for way in meaning.ways)
    ]
    return Tried(
        spellings="" if literally else listed(found.missed),
        synonyms=listed(synonyms, MOST_TOLD),
        parts=listed(has_parts),
    )


def how_many(found: Finding) -> tuple[int, bool]:
    """How many hits are known of, and whether there are more than that."""
    count = len(found.hits)
    if not found.more or count >= MOST_COUNTED:
        return count, found.more
    step = 100 if count > 100 else 10 if count > 10 else 1
    return (count - 1) // step * step, True


def headline(found: Finding, words: str) -> str:
    """How many hits there are, or that there are none."""
    count, more = how_many(found)
    if count:
        return f"{'Över ' if more else ''}{number(count)} träff{'' if count == 1 else 'ar'}"
    if found.partial and not _is_one_word(found):
        return "Inga träffar med alla orden"
    return f"Inga träffar på ”{Truncator(words).chars(LONGEST)}”"


def _is_one_word(found: Finding) -> bool:
    meanings = found.question.meanings
    return len(meanings) == 1 and bool(meanings[0].form)


def listed(words: Iterable[str], most: int | None = None) -> str:
    """Words as Swedes list them: "a, b och c"; "a, b med flera" when they are too many."""
    found: Sequence[str] = [word[:LONGEST] for word in words]
    if most and len(found) > most:
        return f"{', '.join(found[:most])} med flera"
    *first, last = found or [""]
    return f"{', '.join(first)} och {last}" if first else last
