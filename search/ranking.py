"""How well passages answer a question, in Python: the same order on both databases.

BM25F (Robertson, Zaragoza & Taylor, "Simple BM25 extension to multiple weighted fields", CIKM
2004): a word counts more in a title than in the text, more the rarer it is, and less each time
more that it is repeated. Each group of a question counts by its best way, so that a text that
holds a word and three synonyms of it is no better than one that holds the word. Of texts that say
it with other words alone, those that use more of them are a little better.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from core.rows import rows_in
from search.engines import COLUMNS
from search.models import Passage, Term
from search.understanding import Meaning, Understood, Way

# What a hit weighs in title, lead, text and among parts of compounds.
WEIGHTS = (4.0, 1.5, 1.0, 0.4)
# BM25's own: how soon repetition stops to count, and how much a long text is held back.
SATURATION = 1.4
LENGTH_MATTERS = 0.15
USUAL_LENGTH = 250  # keys in a passage
# What each further word of an expression adds: it is more of what was asked.
WIDER = 0.6
SIDE_BY_SIDE = 0.05
# What parts of a compound count for when they stand apart: "Stockholm" and, further down, "enkät".
APART = 0.5
# Ways that say with other words what was asked; what each further one adds where the word is not.
OTHER_WORDS = frozenset({"synonym", "leder till"})
FURTHER = 0.4


class Keyed(NamedTuple):
    """A passage as it is ranked."""

    pk: int
    entry: int
    page: int
    columns: tuple[str, ...]  # keys with blanks around them
    whole: str  # all columns, one on each line


class Match(NamedTuple):
    """How a passage answered one part of the question."""

    meaning: Meaning
    way: Way
    column: str  # where it weighed most
    score: float


def keyed(pks: Sequence[int]) -> list[Keyed]:
    """The keys of these passages; one query."""
    rows = rows_in(Passage, ("id", "entry_id", "page", *COLUMNS), "id", pks)
    return [
        Keyed(pk, entry, page, spaced := tuple([f" {keys} " for keys in of]), "\n".join(spaced))
        for pk, entry, page, *of in rows
    ]


def rarity(counts: dict[str, int], way: Way, meaning: Meaning | None = None) -> float:
    """How much it says that a passage holds these keys: log((N - n + ½) / (n + ½) + 1).

    Words that begin as typed are counted together: a rare one is not more of what is typed. Other
    words stand for what was asked and are as rare as that is; if it stands nowhere, as the rarest
    of them.
    """
    everything = max(counts.get(Term.ALL, 1), 1)
    if meaning and way.why == "början":
        begun = (each.keys for each in meaning.ways if each.why == "början")
        having = sum(counts.get(key, 0) for keys in begun for key in keys)
    elif meaning and way.why in OTHER_WORDS:
        others = (_having(counts, each) for each in meaning.ways if each.why in OTHER_WORDS)
        asked = meaning.ways[0]
        having = _having(counts, asked) or min(filter(None, others), default=0)
    else:
        having = _having(counts, way)
    having = min(having, everything)
    return log((everything - having + 0.5) / (having + 0.5) + 1)


def _having(counts: dict[str, int], way: Way) -> int:
    """In how many passages it stands at most: a phrase is at least as rare as its rarest word."""
    return min(counts.get(key, 0) for key in way.keys)


class Sought(NamedTuple):
    """A way of being found, and all that can be said of it before a passage is looked at."""

    way: Way
    worth: float  # what it adds at the very most
    wanted: tuple[str, ...]  # what must stand in the passage, each of them
    together: str  # all of it side by side


class Ranker:
    """Tells how passages answer a question."""

    def __init__(self, question: Understood) -> None:
        self.parts = [
            (meaning, [_sought(question.counts, meaning, way) for way in meaning.ways])
            for meaning in question.meanings
        ]

    def matches(self, passage: Keyed) -> list[Match]:
        """How the passage answers each part of the question that it answers at all."""
        length = passage.columns[2].count(" ") - 1
        norm = SATURATION * (1 - LENGTH_MATTERS + LENGTH_MATTERS * length / USUAL_LENGTH)
        found = []
        for meaning, ways in self.parts:
            best: Match | None = None
            told = 0.0  # by all its other words
            for way, worth, wanted, together in ways:
                other = way.why in OTHER_WORDS
                if best and best.score >= worth and not other:
                    continue
                if weights := _weights(passage, wanted):
                    total = sum(weights) * (1 if together in passage.whole else APART)
                    score = worth * total / (total + norm)
                    told += score if other else 0.0
                    if best is None or score > best.score:
                        column = COLUMNS[weights.index(max(weights))]
                        best = Match(meaning, way, column, score)
            if best:
                if best.way.why in OTHER_WORDS:
                    further = FURTHER * (told - best.score)
                    best = best._replace(score=best.score + further)
                found.append(best)
        return found


def _sought(counts: dict[str, int], meaning: Meaning, way: Way) -> Sought:
    wider = 1 + WIDER * meaning.text.count(" ")
    parts = [" ".join(way.keys)] if way.phrase else way.keys
    wanted = tuple(f" {part} " for part in parts)
    together = f" {' '.join(parts)} "
    return Sought(way, wider * way.worth * rarity(counts, way, meaning), wanted, together)


def _weights(passage: Keyed, wanted: Sequence[str]) -> list[float]:
    """How often each column holds it, times what the column weighs; nothing if none does.

    Of several things that all must be there, wherever they stand, the least frequent decides.
    """
    for each in wanted:
        if each not in passage.whole:
            return []
    found = [
        [weight * column.count(each) for weight, column in zip(WEIGHTS, passage.columns)]  # noqa: B905
        for each in wanted
    ]
    return found[0] if len(found) == 1 else min(found, key=sum)


def score(passage: Keyed, found: Sequence[Match]) -> float:
    """How well it answers altogether.

    A title that says hardly anything else counts more, and so do words that stand side by side as
    they were asked for.
    """
    total = sum(match.score for match in found)
    title = passage.columns[0].split()
    asked = {key for match in found if match.column == COLUMNS[0] for key in match.way.keys}
    covered = sum(key in asked for key in title) / len(title) if asked else 0.0
    pairs = [(one.way.keys[-1], other.way.keys[0]) for one, other in pairwise(found)]
    beside = sum(f" {one} {other} " in passage.whole for one, other in pairs)
    return total * (1 + covered / 2 + SIDE_BY_SIDE * beside / max(len(pairs), 1))
