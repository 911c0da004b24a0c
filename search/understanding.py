"""What a visitor means by what she types: from a text to groups of keys that can be matched.

Anything may be typed. Each word becomes a group of alternatives: the word itself, its synonyms,
the parts that it is made of. Nothing here says what the database holds for whom: whether a word
finds anything that the visitor may see is asked by `search.finding`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import prod
from typing import Literal

from core.rows import rows_in
from search import swedish, vocabulary
from search.engines import Alternative, front_key
from search.models import Term
from search.words import Keys, Lexicon, parts_of, remembered

# What is typed beyond this many words is left out, and the visitor is told.
MOST_WORDS = 12
MOST_LETTERS = 200

Why = Literal["ord", "fras", "synonym", "leder till", "delar", "ihop", "början", "rättat"]

# How much a hit by each way is worth beside one by the word itself.
WORTH: dict[Why, float] = {
    "ord": 1.0,
    "fras": 1.0,
    "ihop": 0.95,
    "rättat": 0.9,
    "synonym": 0.85,
    "leder till": 0.6,
    "början": 0.6,
    "delar": 0.6,
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
        return [way.text for way in self.ways if way.why in {"synonym", "leder till"}]


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

    def expected(self, *, any_part: bool = False, foremost: bool = False) -> float:
        """How many passages answer it, every part or any part, if only the keys of phrases go
        together.
        """
        among = max(self.counts.get(Term.ALL, 0), 1)

        def share(key: str) -> float:
            return self.counts.get(front_key(key) if foremost else key, 0) / among

        shares = [
            sum((min if way.phrase else prod)(map(share, way.keys)) for way in meaning.ways)
            for meaning in self.meanings
        ]
        return among * (sum(shares) if any_part else prod(min(share, 1.0) for share in shares))

    def instead(self, meaning: Meaning, other: Meaning, counts: dict[str, int]) -> "Understood":
        """The question with another meaning in the place of one."""
        meanings = tuple(other if each is meaning else each for each in self.meanings)
        return replace(self, meanings=meanings, counts=self.counts | counts)


@dataclass
class _Piece:
    """Something typed: a word, or a phrase in quotation marks."""

    forms: list[str]
    text: str
    quoted: bool = False
    begins: bool = False  # ends with *, or is still being typed

    @property
    def says_something(self) -> bool:
        """Whether it is looked up by itself."""
        return any(map(swedish.says_something, self.forms))


_TYPED = re.compile(r'["”“»](?P<phrase>[^"”“»]*)["”“»]|(?P<begins>[^\W_]+)\*|[^\W_]+')


def _pieces(typed: str) -> Iterator[_Piece]:
    for found in _TYPED.finditer(typed):
        quoted, begins = found.group("phrase"), found.group("begins")
        text = (quoted or begins or found.group()).strip('*"”“» ')
        if forms := swedish.forms(text, every=True):
            yield _Piece(forms, text, quoted is not None, begins is not None)


def understand(
    typed: str, rules: Lexicon, *, literally: bool = False, typing: bool = False
) -> Understood:
    """What is looked for. `literally` leaves synonyms out; while somebody is `typing`, the last
    word may be the beginning of a longer one.
    """
    typed = swedish.composed(typed)[:MOST_LETTERS]
    pieces = list(_pieces(typed))
    if typing and pieces and not pieces[-1].quoted and not typed[-1:].isspace():
        pieces[-1].begins = True
    saying = [place for place, piece in enumerate(pieces) if piece.says_something]
    end = saying[MOST_WORDS] if len(saying) > MOST_WORDS else len(pieces)
    reading = _Reading(pieces[:end], rules, literally)
    meanings = tuple(reading.meanings()) or reading.title()
    about = tuple(meaning for meaning in meanings if not _is_asker(meaning))
    found = Understood(
        typed,
        about or meanings,
        left_out=tuple(piece.text for piece in pieces[end:] if piece.says_something),
    )
    return replace(found, counts=counted(found.keys))


def _is_asker(meaning: Meaning) -> bool:
    return bool(meaning.form) and swedish.lemma(meaning.form) in swedish.ASKERS


class _Reading:
    """The pieces of a question, one after the other."""

    def __init__(self, pieces: list[_Piece], rules: Lexicon, literally: bool) -> None:
        self.pieces, self.rules, self.literally = pieces, rules, literally
        self.joined = self._joined()
        forms = [form for piece in pieces for form in piece.forms]
        self.known = remembered([*forms, *self.joined])
        self.keys = [tuple(map(self.key, piece.forms)) for piece in pieces]
        # Another form of the same word may have been seen, with its parts.
        new = {form: self.key(form) for form in forms if form not in self.known}
        self.parts = parts_of(new.values()) if new else {}

    def key(self, form: str) -> str:
        """The key of a word."""
        return self.known[form].key if form in self.known else self.rules.key(form)

    def _joined(self) -> dict[str, int]:
        """Words that two neighbours make together ("boende stöd"), and where the first stands."""
        made = {}
        for place, (one, two) in enumerate(pairwise(self.pieces)):
            if one.says_something and two.says_something and not (one.quoted or two.quoted):
                made[one.forms[-1] + two.forms[0]] = place
                made[f"{one.forms[-1]}s{two.forms[0]}"] = place
        return made

    def meanings(self) -> Iterator[Meaning]:
        """What is meant, expressions that lead somewhere first, then word by word."""
        place = 0
        while place < len(self.pieces):
            piece = self.pieces[place]
            length = 1 if piece.quoted or self.literally else self._longest(place)
            if piece.quoted:
                yield self._quoted(place)
            elif length > 1:
                yield self._expression(place, length)
            elif piece.says_something:
                yield self._word(place)
            place += length

    def title(self) -> tuple[Meaning, ...]:
        """Nothing but stop words can still be a title: "Hur går det?"."""
        whole = tuple(key for keys in self.keys for key in keys)
        if len(whole) < 2:
            return ()
        text = " ".join(piece.text for piece in self.pieces)
        return (Meaning(text, (Way(whole, why="fras", text=text),)),)

    def _longest(self, place: int) -> int:
        """How many of the words from here on are an expression that leads somewhere."""
        for length in range(min(self.rules.longest_phrase, len(self.pieces) - place), 1, -1):
            run = self.pieces[place : place + length]
            whole = tuple(key for keys in self.keys[place : place + length] for key in keys)
            if whole in self.rules.senses and not any(piece.quoted for piece in run):
                return length
        return 1

    def _said(self, place: int, length: int) -> Keys:
        """The keys of the words in this stretch that say something."""
        run = self.pieces[place : place + length]
        forms = (form for piece in run for form in piece.forms)
        return tuple(self.key(form) for form in forms if swedish.says_something(form))

    def _quoted(self, place: int) -> Meaning:
        """A phrase: with its stop words in a title, without them in a text."""
        text = self.pieces[place].text
        phrases = (self.keys[place], self._said(place, 1))
        return Meaning(text, _once(Way(keys, why="fras", text=text) for keys in phrases))

    def _expression(self, place: int, length: int) -> Meaning:
        text = " ".join(piece.text for piece in self.pieces[place : place + length])
        whole = tuple(key for keys in self.keys[place : place + length] for key in keys)
        said = self._said(place, length)
        ways = [Way(whole, why="fras", text=text)]
        if len(said) > 1:
            ways.append(Way(said, why="fras", text=text))
            ways.append(Way(said, phrase=False, why="delar", text=text))
        ways += self._synonyms(whole)
        ways += self._together(place, length)
        return Meaning(text, _once(ways))

    def _word(self, place: int) -> Meaning:
        piece = self.pieces[place]
        form = piece.forms[0]
        ways = [Way(self.keys[place], why="ord", text=piece.text)]
        if not self.literally:
            ways += self._synonyms(self.keys[place])
        seen = self.known.get(form)
        if parts := seen.parts if seen else self.parts.get(self.key(form), ()):
            ways.append(Way(parts, phrase=False, why="delar", text=piece.text))
        if piece.begins:
            for longer in vocabulary.beginning_with(form):
                ways.append(Way((longer.key,), why="början", text=longer.form))
        ways += self._together(place, 1)
        return Meaning(piece.text, _once(ways), form)

    def _synonyms(self, whole: Keys) -> list[Way]:
        return _synonyms(whole, self.rules)

    def _together(self, place: int, length: int) -> list[Way]:
        """The words in this stretch that two neighbours make, if the portal has them."""
        return [
            Way((self.known[form].key,), why="ihop", text=form)
            for form, where in self.joined.items()
            if place <= where < place + length and form in self.known
        ]


def _synonyms(whole: Keys, rules: Lexicon) -> list[Way]:
    """The other ways that curators have given a word or an expression."""
    return [
        Way(sense.keys, why="synonym" if sense.same else "leder till", text=sense.text)
        for sense in rules.senses.get(whole, ())
    ]


def _once(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Each set of keys once, the way that is worth most."""
    best: dict[tuple[Keys, bool], Way] = {}
    for way in ways:
        if way.keys:
            best.setdefault((way.keys, way.phrase), way)
    return tuple(best.values())


def counted(keys: Iterable[str]) -> dict[str, int]:
    """In how many passages each of these keys stands, anywhere and foremost, and how many there
    are.
    """
    keys = set(keys)
    wanted = {*keys, *map(front_key, keys), Term.ALL}
    return dict(rows_in(Term, ("key", "passages"), "key", wanted))


def apart(question: Understood, rules: Lexicon, *, literally: bool = False) -> Understood:
    """The question as before, and besides each word of its expressions and compounds by itself.

    For texts that answer some of it.
    """
    made = list(question.meanings)
    for meaning in question.meanings:
        words = swedish.forms(meaning.text)
        if len(words) > 1:
            single = replace(rules, senses=rules.single)
            made += understand(meaning.text, single, literally=literally).meanings
        else:
            parts = [way.keys for way in meaning.ways if way.why == "delar"]
            made += [
                Meaning(meaning.text, (Way((key,), why="delar", text=meaning.text),))
                for keys in parts
                for key in keys
            ]
    found = replace(question, meanings=tuple(made))
    return replace(found, counts=question.counts | counted(found.keys))


def meanings_of(text: str, rules: Lexicon) -> list[tuple[Meaning, int]]:
    """What a whole text speaks of, and how many times; no limit of words."""
    found: dict[Keys, tuple[Meaning, int]] = {}
    for meaning in _Reading(list(_pieces(swedish.composed(text))), rules, False).meanings():
        keys = meaning.ways[0].keys
        first, times = found.get(keys, (meaning, 0))
        found[keys] = (first, times + 1)
    return list(found.values())


def meaning_of_key(key: str, rules: Lexicon) -> Meaning:
    """What a word of a text that has been read can be found by."""
    return Meaning(key, (Way((key,), text=key), *_synonyms((key,), rules)), key)


def corrected(meaning: Meaning, rules: Lexicon) -> list[Meaning]:
    """What a word that finds nothing may have been meant to be, the most likely first."""
    if not meaning.form:
        return []
    if parts := vocabulary.parted(meaning.form, rules):
        way = Way(parts, phrase=False, why="delar", text=meaning.text)
        return [replace(meaning, ways=(way,))]
    if swedish.is_known(meaning.form):
        return []  # rightly spelt: another word would be another question
    made = []
    for near in vocabulary.near(meaning.form, rules):
        right = Way((near.key,), why="rättat", text=near.form)
        made.append(replace(meaning, ways=(right, *_synonyms((near.key,), rules))))
    return made
