"""What a visitor means by what she types: from a text to groups of keys that can be matched.

Anything may be typed. Each word becomes a group of alternatives: the word itself, its synonyms,
the parts that it is made of. Nothing here says what the database holds for whom: whether a word
finds anything that the visitor may see is asked by `search.finding`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from search import swedish, vocabulary
from search.engines import Alternative
from search.models import Term
from search.words import Analysed, Keys, Lexicon, remembered

# What is typed beyond this many words is left out, and the visitor is told.
MOST_WORDS = 12
MOST_LETTERS = 200

Why = Literal["ord", "fras", "synonym", "delar", "ihop", "början", "rättat"]

# How much a hit by each way is worth beside one by the word itself.
WORTH: dict[Why, float] = {
    "ord": 1.0,
    "fras": 1.0,
    "ihop": 0.95,
    "rättat": 0.9,
    "synonym": 0.75,
    "början": 0.6,
    "delar": 0.45,
}


@dataclass(frozen=True)
class Way(Alternative):
    """An alternative, how it came about, and what a visitor is told that it is."""

    why: Why = "ord"
    text: str = ""

    @property
    def worth(self) -> float:
        """How much a hit is worth, 0–1."""
        return WORTH[self.why]


@dataclass(frozen=True)
class Meaning:
    """What one word or phrase of the question can be found by."""

    text: str  # as typed
    ways: tuple[Way, ...]
    form: str = ""  # the word as it is looked up; nothing for a phrase

    @property
    def synonyms(self) -> list[str]:
        """What it is found by besides itself, as the visitor reads it."""
        return [way.text for way in self.ways if way.why == "synonym"]


@dataclass(frozen=True)
class Understood:
    """A question, understood."""

    typed: str
    meanings: tuple[Meaning, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)  # key → passages, of all keys above
    left_out: tuple[str, ...] = ()  # words beyond the limit

    @property
    def keys(self) -> set[str]:
        """Every key that is looked for."""
        return {key for meaning in self.meanings for way in meaning.ways for key in way.keys}

    def known(self, meaning: Meaning) -> bool:
        """Whether anything of it can stand in some text at all."""
        return any(all(self.counts.get(key) for key in way.keys) for way in meaning.ways)

    def instead(self, meaning: Meaning, other: Meaning, counts: dict[str, int]) -> "Understood":
        """The question with another meaning in the place of one."""
        meanings = tuple(other if each is meaning else each for each in self.meanings)
        return replace(self, meanings=meanings, counts=self.counts | counts)

    def without(self, left: Sequence[Meaning]) -> "Understood":
        """The question without these meanings."""
        return replace(self, meanings=tuple(each for each in self.meanings if each not in left))


@dataclass
class _Piece:
    """Something typed: a word, or a phrase in quotation marks."""

    forms: list[str]
    text: str
    quoted: bool = False
    begins: bool = False  # ends with *, or is still being typed


_QUOTED = re.compile(r'["”“»](?P<phrase>[^"”“»]*)["”“»]|(?P<star>[^\W_]+)\*|(?P<word>[^\W_]+)')


def _pieces(typed: str) -> Iterator[_Piece]:
    for found in _QUOTED.finditer(typed):
        quoted, star = found.group("phrase"), found.group("star")
        text = (quoted or star or found.group()).strip('"”“» ')
        if forms := swedish.forms(text):
            yield _Piece(forms, text, quoted is not None, star is not None)


def understand(
    typed: str, rules: Lexicon, *, literally: bool = False, typing: bool = False
) -> Understood:
    """What is looked for. `literally` leaves synonyms out; while somebody is `typing`, the last
    word may be the beginning of a longer one.
    """
    typed = swedish.composed(typed)[:MOST_LETTERS]
    pieces = list(_pieces(typed))
    left_out = tuple(piece.text for piece in pieces[MOST_WORDS:])
    pieces = pieces[:MOST_WORDS]
    if typing and pieces and not pieces[-1].quoted and not typed[-1:].isspace():
        pieces[-1].begins = True
    joined = _joined(pieces)
    known = remembered([*(form for piece in pieces for form in piece.forms), *joined])

    def key(form: str) -> str:
        return known[form].key if form in known else rules.key(form)

    meanings = list(_meanings(pieces, rules, known, joined, key, literally))
    found = Understood(typed, tuple(meanings), left_out=left_out)
    return replace(found, counts=counted(found.keys))


def _joined(pieces: list[_Piece]) -> dict[str, int]:
    """Words that two neighbours make together ("boende stöd"), and where the first stands."""
    made = {}
    for place, (one, two) in enumerate(pairwise(pieces)):
        if not (one.quoted or two.quoted):
            first, second = one.forms[-1], two.forms[0]
            made |= {first + second: place, f"{first}s{second}": place}
    return made


def _meanings(
    pieces: list[_Piece],
    rules: Lexicon,
    known: dict[str, Analysed],
    joined: dict[str, int],
    key: Callable[[str], str],
    literally: bool,
) -> Iterator[Meaning]:
    keys = [tuple(key(form) for form in piece.forms) for piece in pieces]
    place = 0
    while place < len(pieces):
        piece = pieces[place]
        if piece.quoted:
            yield Meaning(piece.text, (Way(keys[place], why="fras", text=piece.text),))
            place += 1
            continue
        # The longest run of words that leads somewhere goes together.
        length = 1 if literally else _longest(keys, pieces, place, rules)
        run = pieces[place : place + length]
        whole = tuple(each for parts in keys[place : place + length] for each in parts)
        text = " ".join(each.text for each in run)
        ways = [Way(whole, why="fras" if len(whole) > 1 else "ord", text=text)]
        if len(whole) > 1:
            ways.append(Way(whole, phrase=False, why="delar", text=text))
        if not literally:
            for sense in rules.senses.get(whole, ()):
                ways.append(Way(sense.keys, why="synonym", text=sense.text))
        if length == 1:
            form = piece.forms[0]
            if len(piece.forms) == 1:
                if form in known and known[form].parts:
                    ways.append(Way(known[form].parts, phrase=False, why="delar", text=piece.text))
                if piece.begins:
                    for longer in vocabulary.beginning_with(form):
                        ways.append(Way((longer.key,), why="början", text=longer.form))
        for other, where in joined.items():
            if place <= where < place + length and other in known:
                ways.append(Way((known[other].key,), why="ihop", text=other))
        single = length == 1 and len(piece.forms) == 1
        yield Meaning(text, tuple(_once(ways)), piece.forms[0] if single else "")
        place += length


def _longest(keys: list[Keys], pieces: list[_Piece], place: int, rules: Lexicon) -> int:
    for length in range(min(rules.longest_phrase, len(keys) - place), 1, -1):
        run = pieces[place : place + length]
        whole = tuple(each for parts in keys[place : place + length] for each in parts)
        if whole in rules.senses and not any(piece.quoted for piece in run):
            return length
    return 1


def _once(ways: Iterable[Way]) -> list[Way]:
    """Each set of keys once, the way that is worth most."""
    best: dict[tuple[Keys, bool], Way] = {}
    for way in ways:
        if way.keys:
            best.setdefault((way.keys, way.phrase), way)
    return list(best.values())


def counted(keys: Iterable[str]) -> dict[str, int]:
    """In how many passages each of these keys stands, and how many passages there are."""
    wanted = [*keys, Term.ALL]
    return dict(Term.objects.filter(key__in=wanted).values_list("key", "passages"))


def corrected(meaning: Meaning, rules: Lexicon, *, literally: bool = False) -> list[Meaning]:
    """What a word that finds nothing may have been meant to be, the most likely first."""
    if not meaning.form:
        return []
    made = []
    apart = vocabulary.parted(meaning.form)
    if apart:
        ways = (Way(apart, phrase=False, why="delar", text=meaning.text),)
        made.append(replace(meaning, ways=ways))
    for near in vocabulary.near(meaning.form):
        ways = [Way((near.key,), why="rättat", text=near.form)]
        if not literally:
            for sense in rules.senses.get((near.key,), ()):
                ways.append(Way(sense.keys, why="synonym", text=sense.text))
        made.append(replace(meaning, ways=tuple(ways)))
    return made
